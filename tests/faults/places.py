"""Where faults are made: a root with a supervisord on this machine, and a host with systemd."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from conftest import COMMAND
from deploying import end_supervisord, processes
from released import CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from host import Host


@dataclass
class Load:
    """What a client has asked, again and again, and what went wrong."""

    asked: int = 0
    failed: list[str] = field(default_factory=list)


class Place(Protocol):
    """A machine with deployed apps."""

    @property
    def name(self) -> str:
        """Return what runs services there."""

    @property
    def address(self) -> str:
        """Return where clients ask it."""

    @property
    def inside(self) -> Path:
        """Return the root of all deployments, as it is called there."""

    def command(self, argv: Sequence[str | Path]) -> list[str]:
        """Return the command that runs ``argv`` there."""

    def bring(self, built: Path) -> None:
        """Have the store path there."""

    def find(self, text: str) -> list[int]:
        """Return the processes there with ``text`` in their command lines."""

    def kill(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal a process there."""


class Here:
    """A root on this machine, run by supervisord."""

    name, address = "supervisord", "127.0.0.1"

    def __init__(self, directory: Path) -> None:
        self.inside = directory
        directory.mkdir()
        (directory / "host.json").write_text('{"manager": "supervisord"}\n')

    def command(self, argv: Sequence[str | Path]) -> list[str]:
        words = [COMMAND if word == "hop3-nix" else word for word in argv]
        return ["env", f"HOP3_DEPLOY_ROOT={self.inside}", *map(str, words)]

    def bring(self, built: Path) -> None:
        """Do nothing: it is here."""

    def find(self, text: str) -> list[int]:
        return processes(text)

    def kill(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def end(self) -> None:
        """End all that runs."""
        end_supervisord(self.inside)


class There:
    """A host with systemd."""

    name, inside = "systemd", Path("/var/lib/hop3")

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def address(self) -> str:
        return self.host.address

    def command(self, argv: Sequence[str | Path]) -> list[str]:
        return self.host.command(argv)

    def bring(self, built: Path) -> None:
        self.host.copy_closure(built)

    def find(self, text: str) -> list[int]:
        done = self.host.run(["pgrep", "-f", "--", text], status=None)
        return [int(line) for line in done.stdout.split()]

    def kill(self, pid: int, number: signal.Signals = signal.SIGKILL) -> None:
        self.host.run(["kill", f"-{number.value}", str(pid)], status=None)


def run(place: Place, *argv: str | Path, timeout: float = 200.0) -> tuple[int, str]:
    """Return status and output of a command there."""
    done = subprocess.run(
        place.command(argv),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        start_new_session=True,
    )
    return done.returncode, done.stdout + done.stderr


def deploy(place: Place, built: Path, *options: str) -> tuple[int, str]:
    """Deploy ``built`` as shop, and return status and output."""
    place.bring(built)
    return run(place, "hop3-nix", "deploy", "--trust-artifact", built, "--name", "shop", *options)


@contextmanager
def load(place: Place, port: int) -> Iterator[Load]:
    """Ask the app until this ends."""
    told = Load()
    argv = [sys.executable, "-c", CLIENT, f"http://{place.address}:{port}/"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "asking\n"
        time.sleep(0.3)
        try:
            yield told
        finally:
            time.sleep(0.5)
            client.terminate()
            asked, _, errors = client.stdout.read().partition("\n")
            told.asked, told.failed = int(asked), list(filter(None, errors.splitlines()))
