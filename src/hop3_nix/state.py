"""Where hop3-nix keeps what it made: one directory per user, one below it per application.

Imports the standard library only: an unchanged build goes through here.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import TemporaryError, UnavailableError
from hop3_nix.statepath import STATE_VARIABLE, app_path, state_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.errors import Hop3NixError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def state_dir() -> Path:
    """Return the state directory: $HOP3_NIX_STATE, else below $XDG_STATE_HOME (XDG 0.8)."""
    return Path(state_root())


def app_dir(app_root: Path) -> Path:
    """Return the directory of the application at ``app_root``; two paths never share one."""
    return Path(app_path(str(app_root)))


@contextmanager
def lock(path: Path, *, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock at ``path``; ``waiting`` is called once if another process holds it.

    The kernel drops the lock when the process ends, however it ends.
    Raises UnavailableError if the directory cannot be written, TemporaryError if the disk is full.
    """
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is not None:
                waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def writing_to(directory: Path, *, tip: str = "") -> Iterator[None]:
    """Tell what keeps us from writing below ``directory`` as `cannot_write` does."""
    try:
        yield
    except OSError as error:
        raise cannot_write(error, str(directory), tip=tip) from error


def cannot_write(error: OSError, place: str = "", *, tip: str = "") -> Hop3NixError:
    """Return what to tell of ``error``; ``place`` is named if the error names no file.

    Unless the disk is full, ``tip`` is what to do, by default to choose another state directory.
    """
    if error.errno in _FULL:
        return TemporaryError(
            f"the disk is full ({error.strerror})",
            file=place,
            tip="Free some space and try again; nothing half-written was left.",
        )
    return UnavailableError(
        f"cannot be written: {error.strerror or error}",
        file=error.filename if isinstance(error.filename, str) else place,
        tip=tip or f"Set {STATE_VARIABLE} to a directory that you can write.",
    )
