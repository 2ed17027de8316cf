"""What a build step can change outside of its own output, in each way to drive Nix.

The builder is a script that tries (probe.sh) and tells what it could.
"""

from __future__ import annotations

import grp
import http.server
import json
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix import buildusers, nixcli
from hop3_nix.nixcli import Expression, NixSettings
from hop3_nix.nixlang import to_nix

if TYPE_CHECKING:
    from collections.abc import Iterator

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
