"""The files of a tree, one by one: kind, digest, contents. Standard library only, as source.py."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, NoReturn

from hop3_nix.errors import SourceError
from hop3_nix.files.regularfile import KINDS, MAX_BYTES, too_large
from hop3_nix.nix.gcroots import leads_to_result
from hop3_nix.source.size import HOP3_IGNORE, LEAVE_OUT, require_moderate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

HEAD: Final = 64
"""Bytes that the kind of a file's content is told by."""

_CHUNK: Final = 1 << 20


class Entry(NamedTuple):
    """One file: its kind, and the SHA-256 of its contents or, for a symlink, of its target.

    A named tuple, because importing dataclasses takes 10 ms.
    """

    kind: Literal["file", "program", "symlink"]
    sha256: bytes


def read_entries(
    root: str, names: Iterable[str], heads: dict[str, bytes] | None = None
) -> dict[str, Entry]:
    """Return the entry of each file that exists, in the order of their names' bytes.

    The first bytes of each are put into ``heads``.

    git lists what it tracks, even if it was deleted since, or if a directory above it has become
    a symlink: such names are passed over, and so are links to what was built. Raises SourceError
    if one cannot be built from.
    """
    entries: dict[str, Entry] = {}
    found = _found(root, names)
    require_moderate(found)
    for name, status in found.items():
        mode = status.st_mode
        if stat.S_ISLNK(mode):
            if not _is_result_link(name) and not leads_to_result(f"{root}/{name}"):
                entries[name] = _symlink_entry(_checked_target(root, name))
        elif stat.S_ISREG(mode):
            entries[name] = read_file(root, name, _head_of(name, heads)) or changed(name)
        elif not stat.S_ISDIR(mode):
            kind = KINDS.get(stat.S_IFMT(mode), "neither a file nor a symlink")
            raise SourceError(f"is {kind}, which cannot be built from", file=name, tip=LEAVE_OUT)
    return entries


def _found(root: str, names: Iterable[str]) -> dict[str, os.stat_result]:
    """Return what is known of each file that exists, without opening one."""
    found: dict[str, os.stat_result] = {}
    real_directories: dict[str, bool] = {"": True}
    for name in sorted(set(names), key=os.fsencode):
        if not _in_real_directory(root, name, real_directories):
            continue
        try:
            found[name] = os.lstat(f"{root}/{name}")
        except FileNotFoundError:
            continue
        except OSError as error:
            _unreadable(name, error)
    return found


def _head_of(name: str, heads: dict[str, bytes] | None) -> Callable[[bytes], object] | None:
    if heads is None:
        return None
    heads[name] = b""

    def begin(chunk: bytes) -> None:
        heads[name] = heads[name] or chunk[:HEAD]

    return begin


def read_file(root: str, name: str, sink: Callable[[bytes], object] | None = None) -> Entry | None:
    """Return the entry of the file at ``name``, or None if there is no file any more.

    Each part of its contents is given to ``sink``. Raises SourceError if it cannot be read.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(f"{root}/{name}", flags)
    except OSError as error:
        # ELOOP is what O_NOFOLLOW gives for a symlink.
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}:
            return None
        _unreadable(name, error)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            return None
        content = hashlib.sha256()
        for chunk in _chunks(descriptor, name):
            content.update(chunk)
            if sink is not None:
                sink(chunk)
    finally:
        os.close(descriptor)
    return Entry("program" if mode & stat.S_IXUSR else "file", content.digest())


def read_content(root: str, name: str, limit: int = MAX_BYTES) -> tuple[Entry, bytes] | None:
    """Return the entry and the contents of the file at ``name``, None if there is no file.

    Raises SourceError if it cannot be read, or is larger than ``limit`` bytes.
    """
    with suppress(OSError):
        # Kind first: to open a device may do something.
        mode = os.lstat(f"{root}/{name}").st_mode
        if not stat.S_ISREG(mode):
            return None
    content = bytearray()

    def keep(chunk: bytes) -> None:
        content.extend(chunk)
        if len(content) > limit:
            raise SourceError(too_large(limit), file=name, tip=LEAVE_OUT)

    entry = read_file(root, name, keep)
    return entry and (entry, bytes(content))


def list_directory(root: str, directory: str) -> list[os.DirEntry[str]]:
    """Return what is in ``directory`` ("" or a path ending in ``/``). Raises SourceError."""
    try:
        with os.scandir(f"{root}/{directory}") as entries:
            return list(entries)
    except OSError as error:
        raise SourceError(
            f"this directory cannot be read: {error.strerror}",
            file=directory or root,
            tip=f"Make it readable, or leave it out with a line in {HOP3_IGNORE}.",
        ) from error


def copy_entry(root: str, name: str, entry: Entry, target: Path) -> None:
    """Copy one file, with mode 0644 or 0755, or one symlink, to ``target``.

    Raises SourceError if it is no longer what ``entry`` says, and OSError if ``target`` exists or
    cannot be written.
    """
    copied: Entry | None
    if entry.kind == "symlink":
        try:
            link = os.readlink(f"{root}/{name}")  # noqa: PTH115 - Path would rewrite it
        except OSError:
            changed(name)
        target.symlink_to(link)
        copied = _symlink_entry(link)
    else:
        with target.open("xb") as file:
            copied = read_file(root, name, file.write)
            os.fchmod(file.fileno(), 0o755 if entry.kind == "program" else 0o644)
    if copied != entry:
        changed(name)


def changed(name: str) -> NoReturn:
    """Raise SourceError: the file is not what it was."""
    raise SourceError(
        "changed while it was being read",
        file=name,
        tip="Start again once nothing changes the files any more.",
    )


def _chunks(descriptor: int, name: str) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(descriptor, _CHUNK)
        except OSError as error:
            _unreadable(name, error)
        if not chunk:
            return
        yield chunk


def _in_real_directory(root: str, name: str, known: dict[str, bool]) -> bool:
    parent = name[: max(name.rfind("/"), 0)]
    verdict = known.get(parent)
    if verdict is None:
        verdict = _in_real_directory(root, parent, known)
        if verdict:
            try:
                verdict = stat.S_ISDIR(os.lstat(f"{root}/{parent}").st_mode)
            except OSError:
                verdict = False
        known[parent] = verdict
    return verdict


def _is_result_link(name: str) -> bool:
    return name == "result" or (name.startswith("result-") and "/" not in name)


def _checked_target(root: str, name: str) -> str:
    """Return where the symlink leads. Raises SourceError if that is out of the tree."""
    target = os.readlink(f"{root}/{name}")  # noqa: PTH115 - Path would rewrite it
    real = os.path.realpath(f"{root}/{name}")
    if target.startswith("/") or not f"{real}/".startswith(f"{root}/"):
        raise SourceError(
            f"this symlink leads out of the application, to {target}",
            file=name,
            tip=f"Let it lead to a file of the application by a relative path. {LEAVE_OUT}",
        )
    return target


def _symlink_entry(target: str) -> Entry:
    return Entry("symlink", hashlib.sha256(os.fsencode(target)).digest())


def _unreadable(name: str, error: OSError) -> NoReturn:
    raise SourceError(
        f"cannot be read: {error.strerror}", file=name, tip=f"Make it readable. {LEAVE_OUT}"
    ) from error
