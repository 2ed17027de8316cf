"""The processes of services, those too that left their process group or were left by their parent.

A service's processes are those of its group, what descends from them, and whatever has the mark
that its first process was started with in its environment.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.deploy.services.starter import MARK, boot, start_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from hop3_nix.deploy.services.starter import Start

PROC: Final = Path("/proc")
ENDED: Final = frozenset({b"Z", b"X"})
EVERY: Final = 0.02


class Process(NamedTuple):
    """A process that no other can be taken for: numbers are used again."""

    pid: int
    time: int


@dataclass(frozen=True)
class _Seen:
    pid: int
    parent: int
    group: int
    time: int


def find(starts: Iterable[Start | None], marks: Iterable[str]) -> frozenset[Process]:
    """Return the processes of the services that were started so, or that have one of ``marks``."""
    now = boot()
    # No process gets the number of a group that still has members.
    first = {
        start.pid
        for start in starts
        if start and start.boot == now and start_time(start.pid) in {0, start.time}
    }
    wanted = frozenset(f"{MARK}={mark}".encode() for mark in marks)
    seen = _all()
    found = {one.pid for one in seen if one.group in first or one.pid in first}
    found |= {one.pid for one in seen if _has(one.pid, wanted)}
    while more := {one.pid for one in seen if one.parent in found} - found:
        found |= more
    found.discard(os.getpid())
    return frozenset(Process(one.pid, one.time) for one in seen if one.pid in found)


def end(look: Callable[[], Collection[Process]], grace: float) -> None:
    """End what ``look`` finds, again and again: SIGTERM, ``grace`` seconds, SIGKILL.

    Returns when it finds nothing that has not ended.
    """
    deadline = time.monotonic() + grace
    asked: set[Process] = set()
    while left := [one for one in look() if start_time(one.pid) == one.time]:
        late = time.monotonic() > deadline
        for one in left:
            if late or one not in asked:
                with suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGKILL if late else signal.SIGTERM)
        asked.update(left)
        time.sleep(EVERY)


def _all() -> list[_Seen]:
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended meanwhile
                # The name, in parentheses, may hold anything (proc_pid_stat(5)).
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
                if fields[0] not in ENDED:
                    numbers = (int(fields[1]), int(fields[2]), int(fields[19]))
                    found.append(_Seen(int(entry.name), *numbers))
    return found


def _has(pid: int, wanted: frozenset[bytes]) -> bool:
    try:
        environment = (PROC / str(pid) / "environ").read_bytes()
    except OSError:  # ended, or another user's, who cannot be a service of ours
        return False
    return any(one in wanted for one in environment.split(b"\0"))
