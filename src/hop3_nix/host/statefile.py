"""Reading what hop3-nix itself has written: a file that is something else by now hangs nobody.

Imports the standard library only: an unchanged build goes through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ArtifactCorruptError
from hop3_nix.files.regularfile import Malformed, read_regular

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
        return read_regular(path, LARGEST)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _damaged(path, f"cannot be read: {error.strerror}") from error
    except Malformed as error:
        raise _damaged(path, error.what) from error


def _damaged(path: Path, what: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        what, file=str(path), tip="Move it out of the way: what it held is then made anew or named."
    )
