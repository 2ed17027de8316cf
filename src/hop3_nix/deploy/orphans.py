"""No process is left over: those that ran away from their worker come back to us (prctl(2))."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36

_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def adopt_orphans(*, adopt: bool = True) -> None:
    """Become the parent of every descendant whose own parent ends, or stop being it."""
    _prctl(PR_SET_CHILD_SUBREAPER, int(adopt))


def end_with_parent() -> None:
    """Ask the kernel to end the calling process when its parent is killed."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def descendants() -> list[int]:
    """Return the processes below this one, those that have ended but were not reaped too."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parent = _parent(entry)
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    level = children.get(os.getpid(), [])
    while level:
        found += level
        level = [child for pid in level for child in children.get(pid, [])]
    return found


def _parent(entry: Path) -> int:
    try:
        stat = (entry / "stat").read_bytes()
    except OSError:  # it has ended meanwhile
        return 0
    # The name, in parentheses, may hold anything; the state and the parent follow it (proc(5)).
    return int(stat.rpartition(b")")[2].split()[1])


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
