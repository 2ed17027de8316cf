"""Where hop3-nix keeps what it made: one directory per user, one below it per application.

Imports the standard library only: an unchanged build goes through here.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import TemporaryError, UnavailableError
from hop3_nix.host.statepath import STATE_VARIABLE, app_path, state_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.errors import Hop3NixError

LOCK_LIMIT: Final = 900.0
"""Seconds after which a lock that somebody else holds is not waited for any longer."""

LOOK_EVERY: Final = 0.05

STAGE: Final = "work"
"""Directory, in an application's state, of what a build is given; it is there for as long."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def state_dir() -> Path:
    """Return the state directory: $HOP3_NIX_STATE, else below $XDG_STATE_HOME (XDG 0.8)."""
    return Path(state_root())


def app_dir(app_root: Path) -> Path:
    """Return the directory of the application at ``app_root``; two paths never share one."""
    return Path(app_path(str(app_root)))


@contextmanager
def lock(
    path: Path,
    what: str,
    *,
    say: Callable[[str], None] | None = None,
    limit: float = LOCK_LIMIT,
) -> Iterator[None]:
    """Hold the lock at ``path``, which nobody else may even open: whoever can, can hold it.

    If another process holds it, ``say`` is told once that ``what`` is waited for (by default it
    is logged, which is on standard error). The kernel drops the lock when the process ends,
    however it ends. Raises UnavailableError if the directory cannot be written, TemporaryError
    if the disk is full, or the lock is not to be had for ``limit`` seconds.
    """
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_uid == os.geteuid():
            os.fchmod(descriptor, 0o600)  # older versions let everybody read it
        if not _take(descriptor):
            _tell(f"waiting for {what}: process {_holder(descriptor)} has the lock {path}", say)
            deadline = time.monotonic() + limit
            while not _take(descriptor):
                if time.monotonic() > deadline:
                    raise TemporaryError(
                        f"waited {limit:g} s for {what}, and process {_holder(descriptor)} still "
                        "has the lock",
                        file=str(path),
                        tip="See what that process does (ps -fp NUMBER), end it if it hangs, and "
                        "try again.",
                    )
                time.sleep(LOOK_EVERY)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    """Return the process that holds the lock, by /proc/locks (proc_locks(5))."""
    wanted = f":{os.fstat(descriptor).st_ino}"
    with suppress(OSError):
        for line in Path("/proc/locks").read_text().splitlines():
            fields = line.split()
            if "->" not in fields and fields[1] == "FLOCK" and fields[5].endswith(wanted):
                return fields[4]
    return "unknown"


def _tell(text: str, say: Callable[[str], None] | None) -> None:
    if say is None:
        import logging  # noqa: PLC0415 - 10 ms that only who waits has to spend

        logging.getLogger(__name__).warning("%s", text)
    else:
        say(text)


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
    # Of a rename the second is the place.
    names = (error.filename2, error.filename)
    return UnavailableError(
        f"cannot be written: {error.strerror or error}",
        file=next((name for name in names if isinstance(name, str)), place),
        tip=tip or f"Set {STATE_VARIABLE} to a directory that you can write.",
    )
