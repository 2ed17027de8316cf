"""Files that are never half written, and what a user names with ``-o``."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


STANDARD_OUTPUT: Final = Path("-")

_TEMPORARY: Final = re.compile(r"\..+\.(?:[a-z0-9_]{8}|\d+)")
"""As tempfile and `replace_symlink` call them."""

_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")
_NAMED: Final = {"-": 1, "/dev/stdout": 1, "/dev/stderr": 2}


def write_text_atomic(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace ``path`` with ``text`` (UTF-8) in one step: temporary file, fsync, rename.

    Raises OSError, after removing the temporary file, when the disk is full or not writable.
    """
    with _replacing(path, mode) as file:
        file.write(text.encode())


def is_stream(path: Path) -> bool:
    """Return whether ``path`` is written through, not replaced: ``-``, a device, a pipe."""
    return _descriptor(path) is not None or (path.exists() and not path.is_file())


def require_place(path: Path) -> None:
    """Raise OSError if `write_output` could not write ``path``: no directory, or one itself."""
    if is_stream(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a directory", str(path))
        return
    if not Path(os.path.realpath(path)).parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such directory", str(path.parent))


@contextmanager
def write_output(path: Path) -> Iterator[BinaryIO]:
    """Give the file to write what a user wants at ``path``, which may be anything.

    A file is replaced in one step, once the block has ended well, where a symlink leads to; ``-``
    is standard output, and devices, pipes and descriptors are written through. No directory is
    made. Raises OSError.
    """
    require_place(path)
    number = _descriptor(path)
    if number is not None or is_stream(path):
        opened = os.dup(number) if number is not None else os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        with os.fdopen(opened, "wb") as file:
            yield file
        return
    with _replacing(Path(os.path.realpath(path)), 0o644) as file:
        yield file


def _descriptor(path: Path) -> int | None:
    """Return the number of the open file that ``path`` stands for."""
    found = _DESCRIPTOR.fullmatch(str(path))
    return int(found[1]) if found else _NAMED.get(str(path))


@contextmanager
def _replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    """Give the file that takes the place of ``path`` once the block has ended well."""
    import tempfile  # noqa: PLC0415 - 3 ms that an unchanged build can do without

    _refuse_other_kind(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _refuse_other_kind(path: Path) -> None:
    """Raise OSError for what is there and is no file: it may be the machine's /dev/null."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "is a directory", str(path))
    if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
        raise FileExistsError(errno.EEXIST, "is neither a file nor a link", str(path))


def replace_symlink(link: Path, target: Path) -> None:
    """Point ``link`` at ``target`` in one step, whether or not it existed."""
    link.parent.mkdir(parents=True, exist_ok=True)
    temporary = link.parent / f".{link.name}.{os.getpid()}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    try:
        temporary.replace(link)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(link.parent)


def remove_leftovers(directory: Path) -> None:
    """Remove what was to become a file in ``directory``, and whoever wrote it was killed.

    Nobody else may be writing there.
    """
    for path in directory.glob(".*.*"):
        if _TEMPORARY.fullmatch(path.name) and not path.is_dir():
            path.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Make a rename in ``directory`` survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
