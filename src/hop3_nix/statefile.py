"""Reading what hop3-nix itself has written: a file that is something else by now hangs nobody.

Imports the standard library only: an unchanged build goes through here.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ArtifactCorruptError

if TYPE_CHECKING:
    from pathlib import Path

LARGEST: Final = 64 << 20
"""Bytes; what we write takes some hundred kB."""


def read_state_file(path: Path) -> bytes:
    """Return the content of the file at ``path``, which we have written.

    Raises FileNotFoundError, and ArtifactCorruptError for a directory, a pipe, a device, a file
    that cannot be read, or one that is larger than any of ours.
    """
    try:
        # What is read from a pipe or device would never come, or never end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _damaged(path, f"cannot be read: {error.strerror}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _damaged(path, f"this is {_kind(status.st_mode)}, and not the file that it was")
        if status.st_size > LARGEST:
            raise _damaged(path, f"this file of ours has {status.st_size >> 20} MiB")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _damaged(path: Path, what: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        what, file=str(path), tip="Move it out of the way: what it held is then made anew or named."
    )


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISDIR, "a directory"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    )
    return next((name for is_one, name in kinds if is_one(mode)), "a device")
