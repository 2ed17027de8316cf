"""How much room there is where a build writes, while it writes.

A program that finds a disk full says so and ends, and what it wrote is deleted by whoever started
it. So the disks are measured when such a text comes by: the text is no proof.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAYS_SO: Final = re.compile(r"No space left on device|[Dd]isk quota exceeded")

NO_ROOM: Final = 16 << 20
"""Bytes left with which a file system counts as full: some programs want that at once."""

LITTLE: Final = 256 << 20
"""The same for one that something has already been deleted from."""


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
