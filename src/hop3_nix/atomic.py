"""Files that are never half written."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


def write_text_atomic(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace ``path`` with ``text`` (UTF-8) in one step: temporary file, fsync, rename.

    Raises OSError, after removing the temporary file, when the disk is full or not writable.
    """
    with _replacing(path, mode) as file:
        file.write(text.encode())


def copy_file_atomic(source: Path, path: Path, *, mode: int = 0o644) -> None:
    """Replace ``path`` with the content of ``source`` in one step, as `write_text_atomic` does."""
    import shutil  # noqa: PLC0415 - for images alone

    with _replacing(path, mode) as file, source.open("rb") as content:
        shutil.copyfileobj(content, file)


@contextmanager
def _replacing(path: Path, mode: int) -> Iterator[BinaryIO]:
    """Give the file that takes the place of ``path`` once the block has ended well."""
    import tempfile  # noqa: PLC0415 - 3 ms that an unchanged build can do without

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


def sync_directory(directory: Path) -> None:
    """Make a rename in ``directory`` survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
