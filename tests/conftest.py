"""What all tests share: the command, a state directory of their own, and the examples."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

from hop3_nix.host.state import state_dir
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets.debian import DebianSet

# How long an example takes says nothing on a machine that does much else.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# It asserts; whichever test imports it first.
pytest.register_assert_rewrite("hostdouble")

ROOT = Path(__file__).parent.parent
COMMAND = Path(sys.executable).parent / "hop3-nix"


class Cli(Protocol):
    """The installed command, as a user calls it."""

    def __call__(
        self, *arguments: str | Path, cwd: Path | None = None, status: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """Return what it printed; ``status`` is what it must return, None for anything."""


def pytest_configure() -> None:
    """Heed the signals that a runner in the background may have had us ignore.

    Every program that the tests start would ignore them as well.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite tests/golden/*/")


class Nix(Protocol):
    """A program of Nix, with the settings that hop3-nix gives it."""

    def __call__(
        self, *argv: str | Path, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Return what it printed; it has to succeed."""


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state directory for this session, with the package set's lock in it."""
    directory = tmp_path_factory.mktemp("state")
    # What `make setup` has prepared is as good, and half a minute quicker.
    prepared = state_dir() / "debian"
    if prepared.is_dir():
        ignore = shutil.ignore_patterns("apt")
        shutil.copytree(prepared, directory / "debian", symlinks=True, ignore=ignore)
    os.environ["HOP3_NIX_STATE"] = str(directory)
    os.environ["PYTEST_LOG_DIR"] = str(tmp_path_factory.mktemp("logs"))
    subprocess.run([COMMAND, "packages", "prepare"], check=True)
    return directory


@pytest.fixture(scope="session")
def cli(state: Path) -> Cli:
    """Return the installed command, run with the session's state directory."""

    def call(
        *arguments: str | Path, cwd: Path | None = None, status: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "HOP3_NIX_STATE": str(state)},
            capture_output=True,
            text=True,
            check=False,
        )
        if status is not None:
            assert done.returncode == status, f"{done.args} -> {done.returncode}\n{done.stderr}"
        return done

    return call


@pytest.fixture(scope="session")
def nix(state: Path) -> Nix:
    """Return what calls Nix itself, as a user or a CI job would without hop3-nix."""
    settings = NixSettings(DebianSet().nix_settings()).environment()
    env = {**settings, "HOP3_NIX_STATE": str(state)}

    def call(*argv: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            list(map(str, argv)), cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.args} -> {done.returncode}\n{done.stderr}"
        return done

    return call
