"""What a build step can change outside of its own output, in each way to drive Nix.

The builder is a script that tries (probe.sh) and tells what it could.
"""

from __future__ import annotations

import grp
import http.server
import json
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from hop3_nix.nix import buildusers
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import Expression, NixSettings
from hop3_nix.rendering.nixlang import to_nix
from private import in_place_of, in_private

if TYPE_CHECKING:
    from collections.abc import Iterator

SOMEBODY = "games"
"""An account of every Debian, which owns nothing."""

EXPRESSION = Path(__file__).with_name("probe.nix")


@dataclass(frozen=True)
class Outside:
    """What there is to reach outside of the sandbox."""

    directory: Path
    file: Path
    address: str
    process: int

    def expression(self) -> str:
        """Return the text of a derivation that nobody has built yet."""
        probe = {
            "busybox": str(self.directory / "programs"),
            "script": str(self.directory / "probe.sh"),
            "file": str(self.file),
            "address": self.address,
            "process": str(self.process),
            "name": self.directory.name,
        }
        return f"import {to_nix(str(self.directory / 'probe.nix'))} {to_nix(probe)}"


@pytest.fixture
def outside(state: Path) -> Iterator[Outside]:
    """Give a file, a server and a process, beside what a build is made of.

    All may go into the directory, as tests of other users need it.
    """
    seed = json.loads((state / "debian" / "lock.json").read_text())["seed"]["path"]
    with (
        tempfile.TemporaryDirectory() as name,
        http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server,
        subprocess.Popen(["sleep", "600"]) as sleeper,
    ):
        directory = Path(name)
        directory.chmod(0o755)
        shutil.copytree(Path(seed, "bin"), directory / "programs")
        shutil.copy(EXPRESSION, directory)
        shutil.copy(EXPRESSION.with_name("probe.sh"), directory)
        file = directory / "state"
        file.write_text("kept\n")
        file.chmod(0o666)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            address = f"http://127.0.0.1:{server.server_port}/"
            yield Outside(directory, file, address, sleeper.pid)
        finally:
            server.shutdown()
            sleeper.kill()


@pytest.fixture
def build_users() -> set[int]:
    """Return the host's accounts that builds may run as."""
    buildusers.ensure(print)
    return {pwd.getpwnam(name).pw_uid for name in grp.getgrnam(buildusers.GROUP).gr_mem}


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a Nix daemon that everything asks from now on."""
    with tempfile.TemporaryDirectory() as name:
        socket = Path(name, "socket")
        monkeypatch.setenv("NIX_DAEMON_SOCKET_PATH", str(socket))
        with subprocess.Popen(["nix-daemon"], stderr=subprocess.DEVNULL) as process:
            monkeypatch.setenv("NIX_REMOTE", "daemon")
            try:
                while not socket.exists():
                    time.sleep(0.02)
                yield
            finally:
                process.terminate()


def ran_as(said: list[str]) -> int:
    """Return the host's user that the builder was, from its map of users."""
    _inside, outside, _count = said[-1].split()
    return int(outside)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose builds these are")
@pytest.mark.parametrize("way", ["root", "daemon"])
def test_a_step_of_roots_builds_can_change_nothing(
    request: pytest.FixtureRequest, outside: Outside, build_users: set[int], way: str
) -> None:
    if way == "daemon":
        request.getfixturevalue("daemon")
    settings = NixSettings({"substituters": ""})
    built = nixcli.build(Expression(outside.expression()), out_link=None, settings=settings)
    said = built.read_text().splitlines()
    assert not Path(f"/nix/store/made-by-{built.name.partition('-')[2]}").exists()
    assert said[:-1] == []
    assert ran_as(said) in build_users


ALONE = """
import sys
from pathlib import Path
from hop3_nix.nix import commands as nixcli
from hop3_nix.builders.inputs import compared
from hop3_nix.errors import ArtifactTamperedError
from hop3_nix.nix.log import NixLog

log, settings = NixLog(), nixcli.NixSettings({"substituters": ""})
what, root = nixcli.Expression(sys.argv[1]), Path(sys.argv[2])
try:
    with compared(log, root):
        print(nixcli.build(what, out_link=root, settings=settings, log=log).read_text(), end="")
except ArtifactTamperedError as error:
    outputs = [Path(name).exists() for name in nixcli.query("--outputs", *log.derivations)]
    print(error.message, error.tip, outputs, sep="\\n")
"""


def alone(directory: Path, *argv: str) -> list[str]:
    """Return the front of a command of somebody who owns the store, and sees this tree."""
    home = directory / "home"
    store = directory / "nix"
    for own in (home, store):
        own.mkdir()
        shutil.chown(own, SOMEBODY)
    tree, python = directory / "tree", directory / "python"
    tree.mkdir()
    python.mkdir()
    base = Path(sys.base_prefix).resolve()
    interpreter = python / Path(sys.executable).resolve().relative_to(base)
    packages = Path(sysconfig.get_path("purelib")).resolve()
    paths = [tree / "src", tree / packages.relative_to(ROOT)]
    script = f"import sys; sys.path[:0] = {[str(path) for path in paths]}\n{ALONE}"
    shown = [
        in_place_of(tree, ROOT),
        in_place_of(python, base),
        in_place_of(Path("/nix"), store),
    ]
    become = ["setpriv", "--reuid", SOMEBODY, "--regid", SOMEBODY, "--clear-groups"]
    clean = ["env", "-i", f"PATH={os.environ['PATH']}", f"HOME={home}", "--chdir=/"]
    run = [str(interpreter), "-I", "-c", script, *argv, str(home / "root")]
    return [*in_private(*shown), *become, *clean, *run]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody with a store")
def test_where_a_user_builds_alone_a_changed_input_is_found(outside: Outside) -> None:
    argv = alone(outside.directory, outside.expression())
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{shlex.join(argv)}\n{done.stdout}{done.stderr}"
    *could, user, what, remedy, there = done.stdout.splitlines()
    assert could == ["input", "builder"]
    assert ran_as([user]) == pwd.getpwnam(SOMEBODY).pw_uid
    victim = re.fullmatch(r"a build step has changed what it was built from: (\S+-victim)", what)
    assert victim
    assert remedy.endswith(f"nix-store --repair-path {victim[1]}")
    assert there == "[False]"
