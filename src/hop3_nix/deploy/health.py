"""Whether what was started answers, or at least stays up."""

from __future__ import annotations

import http.client
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.deploy.services.base import Services, ServiceStatus

LOOPBACK: Final = "127.0.0.1"
FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 0.5
"""Seconds between two looks; each is longer than the one before it."""

LONGEST_ANSWER: Final = 10.0
"""Seconds that one answer may take, so that a server that hangs is asked again."""

RESTARTS: Final = 2
"""After so many starts nobody expects the next one to succeed."""

TAIL: Final = 20
"""Lines of a service's log that are shown when it does not come up."""


@dataclass(frozen=True)
class Check:
    """What is expected of one service."""

    name: str
    """The service's."""
    label: str
    """How messages call it."""
    port: int | None = None
    """The port on loopback that it has to accept connections on; None if it need not."""
    path: str = ""
    """The HTTP path that has to be answered; empty for none."""
    status: tuple[int, int] = (200, 399)
    """First and last HTTP status that will do."""
    host: str = "localhost"
    """The host name it is asked for."""


def wait_until_healthy(
    services: Services, checks: Sequence[Check], *, timeout: float, stays_up: float
) -> None:
    """Return when every service is as expected.

    One with a path has to answer on it; the others have to run, and accept connections if they
    have a port, and then to run on for ``stays_up`` seconds. Raises ServiceError when one has
    ended, or is not so within ``timeout`` seconds; the tip is the end of its log.
    """
    deadline = time.monotonic() + timeout
    for check in checks:
        _wait(services, check, deadline, timeout)
    quiet = [check for check in checks if not check.path]
    if quiet:
        _stay_up(services, quiet, stays_up)


def _wait(services: Services, check: Check, deadline: float, timeout: float) -> None:
    pause = FIRST_PAUSE
    while True:
        status = services.status([check.name])[check.name]
        problem = _not_running(status)
        if problem and status.state != "starting":
            raise _failed(services, check, problem)
        problem = problem or _not_answering(check, deadline)
        if not problem:
            return
        if status.restarts >= RESTARTS:
            raise _failed(services, check, f"{_ended(status)}, {status.restarts} times")
        if time.monotonic() + pause > deadline:
            raise _failed(services, check, f"{problem} within {timeout:g} s")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _stay_up(services: Services, checks: Sequence[Check], seconds: float) -> None:
    names = [check.name for check in checks]
    first = services.status(names)
    end = time.monotonic() + seconds
    while True:
        now = services.status(names)
        for check in checks:
            was, status = first[check.name], now[check.name]
            if status.state != "running" or status.pid != was.pid:
                raise _failed(services, check, f"{_ended(status)} within {seconds:g} s")
        if time.monotonic() >= end:
            return
        time.sleep(min(LONGEST_PAUSE / 2, max(0.0, end - time.monotonic())))


def _not_running(status: ServiceStatus) -> str:
    match status.state:
        case "running":
            return ""
        case "starting":
            return "did not start"
        case "absent":
            return "is not known to the service manager"
        case _:
            return _ended(status)


def _not_answering(check: Check, deadline: float) -> str:
    """Return what is wrong with the answer of ``check``'s service, nothing if it will do."""
    if check.port is None:
        return ""
    patience = max(0.1, min(LONGEST_ANSWER, deadline - time.monotonic()))
    if not check.path:
        try:
            socket.create_connection((LOOPBACK, check.port), timeout=patience).close()
        except OSError:
            return f"did not accept a connection on its port {check.port}"
        return ""
    connection = http.client.HTTPConnection(LOOPBACK, check.port, timeout=patience)
    try:
        connection.request("GET", check.path, headers={"Host": check.host, "Connection": "close"})
        status = connection.getresponse().status
    except ConnectionError:
        return f"did not accept a connection on its port {check.port}"
    except (OSError, http.client.HTTPException) as error:
        return f"did not answer {check.path} ({type(error).__name__}: {error})"
    finally:
        connection.close()
    first, last = check.status
    return "" if first <= status <= last else f"answered {check.path} with {status}, and no better"


def _ended(status: ServiceStatus) -> str:
    if status.status is None:
        return "ended"
    if status.status < 0:
        return f"was ended by signal {-status.status}"
    return f"ended with status {status.status}"


def _failed(services: Services, check: Check, problem: str) -> ServiceError:
    lines = [line for _, line in services.logs([check.name], lines=TAIL, follow=False)]
    return ServiceError(
        f"{check.label} {problem}", tip="\n".join(lines) or f"{check.label} printed nothing."
    )
