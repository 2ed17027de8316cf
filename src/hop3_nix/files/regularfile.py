"""Regular files, and nothing else, read within a limit. Imports the standard library only."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 32 << 20
"""Of a file that is read as a whole. The largest lockfiles seen have a quarter of it."""

KINDS: Final = {
    stat.S_IFSOCK: "a socket",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
    stat.S_IFDIR: "a directory",
}
"""What is no regular file, by the type that stat tells."""


class Malformed(ValueError):  # noqa: N818 - what it is, as the messages have it
    """What was read is not what it should be; ``line`` is counted from 1, None if not known."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def read_regular(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the content of the regular file at ``path``, links followed.

    Nothing else is opened. Raises OSError, and Malformed for what is no regular file or has more
    than ``limit`` bytes.
    """
    _require_regular(path.stat().st_mode)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
        _require_regular(os.fstat(descriptor).st_mode)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Malformed(too_large(limit))
    return content


def too_large(limit: int) -> str:
    """Return what is wrong with a file that has more than ``limit`` bytes."""
    return f"larger than {limit >> 20} MiB, the most that is read of one file"


def _require_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = KINDS.get(stat.S_IFMT(mode), "of an unknown kind")
        raise Malformed(f"is {kind}, not a regular file")
