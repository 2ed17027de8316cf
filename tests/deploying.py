"""A root of deployments with a supervisord and an nginx of its own, and small servers for it."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.deploy.services.base import Service
from hop3_nix.deploy.services.supervisord import Supervisord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

WITHIN = 30.0
"""Seconds; the machines that run this are slow and busy."""

ENVIRONMENT = {"PATH": os.defpath}


def wait_for(condition: Callable[[], object], what: str, seconds: float = WITHIN) -> None:
    """Return when ``condition`` is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s: not {what}"
        time.sleep(0.02)


@contextmanager
def supervised(root: Path) -> Iterator[Supervisord]:
    """Give the services of a new root, and end all of them in the end."""
    services = Supervisord(Layout(root))
    try:
        yield services
    finally:
        end_supervisord(root)


def supervisord_pid(root: Path) -> int | None:
    """Return the process of the supervisord of ``root``, None if none was started."""
    with suppress(FileNotFoundError):
        pid = int((root / "supervisor/supervisord.pid").read_text())
        if str(root) in _command(pid):
            return pid
    return None


def end_supervisord(root: Path, number: signal.Signals = signal.SIGTERM) -> None:
    """End the supervisord of ``root``; what it looks after ends with it unless it is killed."""
    pid = supervisord_pid(root)
    if pid is not None:
        os.kill(pid, number)
        wait_for(lambda: not _command(pid), "supervisord ended", 60)


def service(
    services: Supervisord,
    name: str,
    *argv: str,
    app: str = "shop",
    env: Mapping[str, str] = ENVIRONMENT,
    secrets: Path | None = None,
    stop_timeout: float = 30.0,
    schedule: str = "",
    user: str = "",
    reads: tuple[Path, ...] = (),
    limits: Mapping[str, str] | None = None,
) -> Service:
    """Return a service of ``app`` that runs ``argv`` in the root directory."""
    return Service(
        app=app,
        name=f"hop3-{app}-{name}",
        description=name,
        argv=argv,
        env=env,
        directory="/",
        state=services.state_directory(app),
        secrets=secrets,
        stop_timeout=stop_timeout,
        schedule=schedule,
        user=user,
        reads=reads,
        limits=limits or {},
    )


def shell(services: Supervisord, name: str, line: str, **options: object) -> Service:
    """Return a service that runs ``line`` by the shell."""
    return service(services, name, "/bin/sh", "-c", line, **options)  # type: ignore[arg-type]


def script(services: Supervisord, name: str, text: str, **options: object) -> Service:
    """Return a service that runs the Python program ``text``."""
    # The interpreter may stand below /root, where an app does not get to by itself.
    reads = (Path(sys.base_prefix),)
    return service(services, name, sys.executable, "-c", text, reads=reads, **options)  # type: ignore[arg-type]


def processes(text: str) -> list[int]:
    """Return the processes with ``text`` in their command line."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return sorted(pid for pid in pids if text in _command(pid) and pid != os.getpid())


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
