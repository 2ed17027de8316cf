"""A newcomer's machine: Debian 12 with make and certificates, nothing else, and ``make demo``.

Takes minutes and needs root, mmdebstrap and systemd-nspawn, so it is run by ``make test-fresh``
only. The root file system is kept as a tarball in the user's cache directory.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import debian
from conftest import ROOT
from examples import expected

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.fresh

LOG = logging.getLogger(__name__)
"""What things took; `make test-fresh` shows it."""

INCLUDED = ("make", "ca-certificates")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NEWCOMER = "newcomer"
EXAMPLES = sorted(file.parent.name for file in ROOT.glob("examples/*/expect.toml"))

AT_ONCE = 1.5
"""Seconds for `make setup` with nothing to do; 0.2 where nothing else runs."""

SECONDS = 20.0
"""Seconds for a second `make demo`; 1 where nothing else runs."""


@dataclass(frozen=True)
class Machine:
    """A root file system, and this tree in it for each of its users."""

    root: Path

    def run(self, command: str, user: str = "root") -> tuple[str, float]:
        """Return what ``command`` printed for ``user``, in the tree, and the seconds it took."""
        home = "/root" if user == "root" else f"/home/{user}"
        # Whatever lets this machine reach the network lets the fresh one: its certificates and
        # its proxies. Nothing else of the environment is passed on.
        trusted = [f"--bind-ro={CERTIFICATES}"] if CERTIFICATES.exists() else []
        proxies = [f"{k}={v}" for k, v in os.environ.items() if k.lower().endswith("_proxy")]
        argv = [
            *("systemd-nspawn", "--quiet", f"--directory={self.root}", "--as-pid2", "--pipe"),
            *(f"--machine=fresh-{os.getpid()}", "--register=no", "--keep-unit"),
            *("--resolv-conf=copy-host", *trusted, f"--user={user}", f"--chdir={home}/hop3-nix"),
            *("/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", f"HOME={home}", *proxies),
            *("/bin/sh", "-c", command),
        ]
        begin = time.monotonic()
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
        seconds = time.monotonic() - begin
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout, seconds

    def copy_tree(self, home: str) -> None:
        """Put what a clone of this repository has into ``home``."""
        clone = self.root / home / "hop3-nix"
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout
        for name in os.fsdecode(names).rstrip("\0").split("\0"):
            if not os.path.lexists(ROOT / name):
                continue  # removed, and not committed yet
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name, follow_symlinks=False)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    assert os.geteuid() == 0, "this has to be run as root"
    root = tmp_path_factory.mktemp("fresh") / "root"
    root.mkdir()
    subprocess.run(["tar", "-xf", debian.archive(INCLUDED), "-C", root], check=True)
    for program in ("python3", "nix-build", "git", "curl"):
        assert not (root / "usr/bin" / program).exists()
    machine = Machine(root)
    machine.copy_tree("root")
    yield machine
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def first(machine: Machine) -> str:
    """Return what the first `make demo` printed."""
    printed, seconds = machine.run("make demo")
    LOG.info("first make demo: %.0f s", seconds)
    return printed


def store_path(printed: str) -> str:
    found = re.search(r"^/nix/store/\S+-flask-demo$", printed, re.MULTILINE)
    assert found, printed
    return found[0]


def test_the_first_demo_shows_path_runtime_and_page(first: str) -> None:
    assert store_path(first)
    assert '"working_dir": "/nix/store/' in first
    assert re.search(r"^GET http://\S+ -> 200\nHello from Flask", first, re.MULTILINE), first


def test_the_second_demo_does_the_same_in_seconds(machine: Machine, first: str) -> None:
    printed, seconds = machine.run("make demo")
    LOG.info("second make demo: %.1f s", seconds)
    assert store_path(printed) == store_path(first)
    assert "Hello from Flask" in printed
    assert seconds < SECONDS


@pytest.mark.usefixtures("first")
def test_setup_is_quick_when_there_is_nothing_to_do(machine: Machine) -> None:
    printed, seconds = machine.run("make setup")
    LOG.info("make setup with nothing to do: %.2f s", seconds)
    assert "installing" not in printed
    assert seconds < AT_ONCE


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_builds(machine: Machine, example: str) -> None:
    if program := expected(ROOT / "examples" / example).get("prepare"):
        machine.run(f"{program} examples/{example}")
    build = f".venv/bin/hop3-nix build examples/{example} --builder nix --lock"
    printed, seconds = machine.run(build)
    LOG.info("%s: %.0f s", example, seconds)
    assert printed.startswith("/nix/store/")


def test_a_moved_tree_gets_an_environment_of_its_own(machine: Machine, first: str) -> None:
    moved = "mv /root/hop3-nix /root/moved && cd /root/moved && make demo"
    printed, _ = machine.run(f"{moved}; status=$?; mv /root/moved /root/hop3-nix; exit $status")
    assert store_path(printed) == store_path(first)


def test_a_user_with_a_store_of_their_own_gets_the_same_result(
    machine: Machine, first: str
) -> None:
    machine.run(f"useradd --create-home {NEWCOMER} && rm -rf /nix && install -d -o {NEWCOMER} /nix")
    machine.copy_tree(f"home/{NEWCOMER}")
    machine.run(f"chown -R {NEWCOMER}: /home/{NEWCOMER}")
    printed, seconds = machine.run("make demo", NEWCOMER)
    LOG.info("first make demo of a user: %.0f s", seconds)
    assert "Hello from Flask" in printed
    assert store_path(printed) == store_path(first)
