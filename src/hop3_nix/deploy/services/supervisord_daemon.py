"""The supervisord of one directory: whether it runs, starting it, talking to it."""

from __future__ import annotations

import os
import sys
import time
import xmlrpc.client
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supervisor.xmlrpc import SupervisorTransport

from hop3_nix.deploy.services import kin
from hop3_nix.deploy.services import supervisord_conf as conf
from hop3_nix.deploy.services.starter import boot, read_start, start_time
from hop3_nix.errors import ServiceError, UnavailableError
from hop3_nix.host import process
from hop3_nix.host.state import lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hop3_nix.deploy.services.supervisord_conf import Places

ANSWERS_WITHIN: Final = 20.0
"""Seconds that a supervisord has from its start to its first answer."""

LEFTOVER_GRACE: Final = 10.0
"""Seconds between SIGTERM and SIGKILL for what outlived its supervisord."""


@contextmanager
def connected(places: Places) -> Iterator[Any | None]:
    """Give what speaks to the supervisord (its ``supervisor`` namespace), None if none runs.

    Raises ServiceError for what it refuses, unless that is handled inside.
    """
    try:
        directory = os.open(places.root, os.O_PATH | os.O_DIRECTORY)
    except FileNotFoundError:
        yield None
        return
    transport = SupervisorTransport(None, None, f"unix:///proc/self/fd/{directory}/socket")
    try:
        server: Any = xmlrpc.client.ServerProxy("http://localhost", transport).supervisor
        try:
            server.getPID()
        except (FileNotFoundError, ConnectionError):
            server = None
        yield server
    except xmlrpc.client.Fault as fault:
        raise ServiceError(
            f"supervisord refused it: {fault.faultString}", tip=f"Its log is {places.log}"
        ) from fault
    except (OSError, xmlrpc.client.Error) as error:
        raise UnavailableError(
            f"supervisord does not answer any more: {error}", tip=f"Its log is {places.log}"
        ) from error
    finally:
        transport.close()
        os.close(directory)


@contextmanager
def running(places: Places) -> Iterator[Any]:
    """Give what speaks to the supervisord, after starting it if it does not run.

    What was left over by one that was killed is ended first; all that is enabled is started.
    Raises UnavailableError if it does not come up.
    """
    places.make()
    with connected(places) as server:
        if server is not None:
            yield server
            return
    with lock(places.lock, "the start of supervisord"), connected(places) as server:
        if server is None:
            end_leftovers(places, started_names(places))
            _launch(places)
    with connected(places) as server:
        if server is None:
            raise UnavailableError("supervisord has ended", tip=f"Its log is {places.log}")
        yield server


def started_names(places: Places) -> list[str]:
    """Return the services that were ever started."""
    return sorted(path.name for path in places.record("").iterdir() if "~" not in path.name)


def is_alive(places: Places, name: str) -> int | None:
    """Return the process of service ``name`` by its record, None if it does not run."""
    start = read_start(str(places.record(name)))
    alive = start is not None and start.boot == boot() and start_time(start.pid) == start.time
    return start.pid if start and alive else None


def processes(places: Places, names: Iterable[str]) -> frozenset[kin.Process]:
    """Return the processes of ``names``, those too that have run away from their service."""
    known = list(names)
    starts = [read_start(str(places.record(name))) for name in known]
    return kin.find(starts, [str(places.service(name)) for name in known])


def end_leftovers(places: Places, names: Iterable[str]) -> None:
    """End the processes of ``names`` that no supervisord looks after."""
    known = list(names)
    kin.end(lambda: processes(places, known), LEFTOVER_GRACE)


def end_idle(places: Places) -> None:
    """End the supervisord that we have started if it has nothing to look after.

    One that stays in the foreground was started by whoever started this container.
    """
    if not places.root.exists():
        return
    with lock(places.lock, "the start of supervisord"), connected(places) as server:
        if server is None or any(places.app("*").parent.glob("*.conf")):
            return
        pid = server.getPID()
        words = Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")
        if not {b"-n", b"--nodaemon"} & set(words):
            began = start_time(pid)
            server.shutdown()
            while start_time(pid) == began:
                time.sleep(0.02)


def _launch(places: Places) -> None:
    """Start a supervisord in a session of its own, and wait until it answers."""
    conf.write_own(places)
    # Not our environment: it may hold what only the one who called us should know.
    env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/")}
    argv = [sys.executable, "-I", "-m", "supervisor.supervisord", "-c", str(places.conf)]
    done = process.run(argv, env=env, cwd=places.root)
    if done.status != 0:
        raise UnavailableError(
            "supervisord could not be started",
            tip=done.stderr.strip() or done.stdout.strip() or f"Its log is {places.log}",
        )
    deadline = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < deadline:
        with connected(places) as server:
            if server is not None:
                return
        time.sleep(0.02)
    raise UnavailableError(
        f"supervisord does not answer after {ANSWERS_WITHIN:.0f} s", tip=f"Its log is {places.log}"
    )
