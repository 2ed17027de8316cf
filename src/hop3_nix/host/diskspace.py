"""How much room there is where a build writes, while it writes.

A program that finds a disk full says so and ends, and what it wrote is deleted by whoever started
it. So the disks are measured when such a text comes by: the text is no proof.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import TemporaryError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SAYS_SO: Final = re.compile(
    r"No space left on device|[Dd]isk quota exceeded|"
    r"failed due to signal 9"  # those beside the one that Nix had no room for
)

NO_ROOM: Final = 16 << 20
"""Bytes left with which a file system counts as full: some programs want that at once."""

LITTLE: Final = 256 << 20
"""The same for one that something has already been deleted from."""


_A_PAGE: Final = 1 << 16


def has_room(directory: Path) -> bool:
    """Return whether anything can still be written below ``directory``."""
    try:
        found = os.statvfs(directory)
    except OSError:
        return True
    return found.f_bavail * found.f_frsize >= _A_PAGE and not (found.f_files and not found.f_favail)


def require_room(directory: Path, size: int, what: str) -> None:
    """Raise TemporaryError unless there are ``size`` bytes for ``what`` below ``directory``."""
    try:
        found = os.statvfs(directory)
    except OSError:
        return
    left = found.f_bavail * found.f_frsize
    if left < size:
        raise TemporaryError(
            f"the disk is nearly full: {left >> 20} MiB are left (No space left on device), and "
            f"{what} takes {size >> 20} MiB",
            file=str(directory),
            tip="Free some space there, or have the state on another disk (HOP3_NIX_STATE).",
        )


class DiskWatch:
    """Measures the file systems of ``directories`` when what is printed makes one ask."""

    def __init__(self, directories: Sequence[str]) -> None:
        self._directories = (*directories, tempfile.gettempdir())
        self._asked = False
        self._full = ""

    def read(self, line: str) -> None:
        """Take a line that was printed."""
        if not self._full and _SAYS_SO.search(line):
            self._asked = True
            self._full = self._with_less_than(NO_ROOM)

    def full(self) -> str:
        """Return the directory that had no room, as far as anything asked for it."""
        return self._full or (self._with_less_than(LITTLE) if self._asked else "")

    def _with_less_than(self, size: int) -> str:
        for directory in self._directories:
            try:
                found = os.statvfs(directory)
            except OSError:
                continue
            no_files = found.f_files > 0 and found.f_favail == 0
            if found.f_bavail * found.f_frsize < size or no_files:
                return directory
        return ""
