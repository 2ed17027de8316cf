"""Run one service to its end, and let nothing of it go on: neither after it, nor after us.

``main`` is a program: what it starts is its descendant even if it runs away, so that all of it
can be found and ended, and it ends with whoever called it, even if that is killed.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.orphans import adopt_orphans, descendants, end_with_parent
from hop3_nix.deploy.services.starter import NOT_STARTED, NotStartedError, become

if TYPE_CHECKING:
    from types import FrameType

TIMED_OUT: Final = signal.SIGALRM
"""The signal that this program ends by when the service took too long."""

GRACE: Final = 5.0
"""Seconds between SIGTERM and SIGKILL."""


class _EndedError(Exception):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def main(file: str, timeout: float) -> int:
    """Run the service that ``file`` describes and return its status, or end by the same signal.

    It has ``timeout`` seconds. Its standard error goes to standard output, so that the order of
    its lines is kept.
    """
    end_with_parent()
    adopt_orphans()
    os.dup2(1, 2)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, TIMED_OUT):
        signal.signal(number, _end)
    try:
        service = json.loads(Path(file).read_text())
        child = os.fork()
        if child == 0:
            _start(service)
        signal.setitimer(signal.ITIMER_REAL, timeout)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        signal.setitimer(signal.ITIMER_REAL, 0)
    except _EndedError as ended:
        end_all()
        if ended.number == TIMED_OUT:
            _end_by(TIMED_OUT)
        return 128 + ended.number
    end_all()
    if status < 0 and -status != TIMED_OUT:
        _end_by(signal.Signals(-status))
    return status if status >= 0 else 128 - status


def end_all(grace: float = GRACE) -> None:
    """End every descendant: SIGTERM, ``grace`` seconds, SIGKILL; return when none is left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + grace
        for pid in descendants():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while _reaped_some_left():
            if number == signal.SIGKILL:
                for pid in descendants():
                    with suppress(ProcessLookupError):
                        os.kill(pid, number)
            elif time.monotonic() > deadline:
                break
            time.sleep(0.01)


def _reaped_some_left() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _start(service: dict[str, object]) -> None:
    try:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, TIMED_OUT):
            signal.signal(number, signal.SIG_DFL)
        become(service)
    except (OSError, ValueError, NotStartedError) as error:
        os.write(2, f"hop3: cannot be started: {error}\n".encode(errors="replace"))
    finally:
        os._exit(NOT_STARTED)


def _end_by(number: signal.Signals) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _end(number: int, _frame: FrameType | None) -> None:
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, TIMED_OUT):
        signal.signal(other, signal.SIG_IGN)
    raise _EndedError(number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
