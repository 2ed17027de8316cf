"""A git repository, read without git: where it is, and what its index has.

Imports the standard library only. git would obey the configuration of the repository, which names
programs in a hundred ways (docs/adr); the index has a documented format (gitformat-index(5)).
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from typing import Final, NamedTuple

from hop3_nix.errors import SourceError
from hop3_nix.files.regularfile import Malformed, read_regular

SUBMODULE: Final = 0o160000
_SPARSE_DIRECTORY: Final = 0o040000

_MAX_INDEX: Final = 256 << 20
_MAX_TEXT: Final = 1 << 20
_HEADER: Final = struct.Struct(">4sII")
_EXTENSION: Final = struct.Struct(">4sI")
_STAT: Final = 40
"""Bytes of an entry before the object's name; the mode stands at 24."""
_LONG: Final = 0xFFF
_EXTENDED: Final = 0x4000
_VERSIONS: Final = (2, 3, 4)
_COMPRESSED: Final = 4


class Repository(NamedTuple):
    """A repository with files: the directory of those, and its own two."""

    top: str
    git: str
    common: str
    """The same as ``git``, but for further work trees of a repository."""


class Tracked(NamedTuple):
    """One entry of an index; the name is relative to the top."""

    mode: int
    name: str


def find_repository(root: str) -> Repository | None:
    """Return the repository that ``root`` is in the work tree of, None if there is none.

    Raises SourceError if there is one whose own directory is gone.
    """
    for top in (root, *map(str, Path(root).parents)):
        place = os.path.join(top, ".git")  # noqa: PTH118 - called for every directory of a tree
        if os.path.isdir(place):  # noqa: PTH112 - likewise
            if found := _opened(top, place):
                return found
        elif os.path.lexists(place) and (named := _text(Path(place)).partition("gitdir: ")[2]):
            found = _opened(top, os.path.join(top, named.strip()))  # noqa: PTH118 - likewise
            if found is None:
                raise cannot_list(root, f"{place} leads to {named.strip()}, which is not there")
            return found
    return None


def read_index(repository: Repository) -> list[Tracked]:
    """Return what is tracked. Raises SourceError if the index cannot be read."""
    try:
        content = read_regular(Path(repository.git, "index"), _MAX_INDEX)
    except FileNotFoundError:
        return []
    except (OSError, Malformed) as error:
        raise cannot_list(repository.top, f"its index {error}") from error
    try:
        return _entries(content)
    except (_Unreadable, struct.error, IndexError, ValueError) as error:
        reason = error if isinstance(error, _Unreadable) else "its index is damaged"
        raise cannot_list(repository.top, str(reason)) from error


def cannot_list(root: str, reason: str) -> SourceError:
    """Return the error for a repository that cannot be read."""
    return SourceError(
        f"git cannot list the files: {reason}",
        file=root,
        tip="Repair the repository so that 'git status' works here, or build a copy without .git.",
    )


class _Unreadable(Exception):  # noqa: N818 - what is said of the index
    pass


def _opened(top: str, git: str) -> Repository | None:
    common = git
    if linked := _text(Path(git, "commondir")).strip():
        common = os.path.join(git, linked)  # noqa: PTH118 - as above
    whole = os.path.lexists(f"{git}/HEAD") and all(
        os.path.isdir(f"{common}/{name}")  # noqa: PTH112 - as above
        for name in ("objects", "refs")
    )
    return Repository(top, git, common) if whole else None


def _text(path: Path) -> str:
    try:
        return os.fsdecode(read_regular(path, _MAX_TEXT)).replace("\0", "")
    except (OSError, Malformed):
        return ""


def _entries(content: bytes) -> list[Tracked]:
    digest = _digest_size(content)
    signature, version, count = _HEADER.unpack_from(content)
    if signature != b"DIRC" or version not in _VERSIONS:
        raise _Unreadable("its index is of a version that is not known")
    entries: list[tuple[int, bytes]] = []
    position, name = _HEADER.size, b""
    for _ in range(count):
        (mode,) = struct.unpack_from(">I", content, position + 24)
        start = position + _STAT + digest
        (flags,) = struct.unpack_from(">H", content, start)
        start += 4 if flags & _EXTENDED else 2
        if version == _COMPRESSED:
            dropped, start = _number(content, start)
            end = content.index(b"\0", start)
            name = name[: len(name) - dropped] + content[start:end]
            position = end + 1
        else:
            length = flags & _LONG
            end = content.index(b"\0", start) if length == _LONG else start + length
            name = content[start:end]
            position += (end - position + 8) // 8 * 8
        entries.append((mode, name))
    _check_extensions(content[position : len(content) - digest])
    return [Tracked(mode, _checked(name)) for mode, name in entries if mode != _SPARSE_DIRECTORY]


def _digest_size(content: bytes) -> int:
    """Return the bytes of an object's name; the index ends with a digest of the same kind."""
    for size, algorithm in ((20, hashlib.sha1), (32, hashlib.sha256)):
        if content[-size:] == algorithm(content[:-size]).digest():
            return size
    # index.skipHash leaves zeros.
    if not any(content[-20:]):
        return 20 if any(content[-32:]) else 32
    raise _Unreadable("its index is damaged")


def _number(content: bytes, position: int) -> tuple[int, int]:
    """Return the number that stands there, as git writes offsets, and where it ends."""
    byte = content[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = content[position]
        value = (value + 1 << 7) + (byte & 0x7F)
    return value, position + 1


def _checked(name: bytes) -> str:
    """Return the name, which git itself would not take if it led out of the tree, or into .git."""
    parts = os.fsdecode(name).split("/")
    if any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts):
        raise _Unreadable(f"its index has the path {os.fsdecode(name)!r}")
    return os.fsdecode(name)


def _check_extensions(content: bytes) -> None:
    """Raise _Unreadable for an extension without which the index is not understood."""
    position = 0
    while position < len(content):
        name, size = _EXTENSION.unpack_from(content, position)
        position += _EXTENSION.size + size
        if name == b"link":
            raise _Unreadable("its index is split; run: git update-index --no-split-index")
        if name[:1].islower() and name != b"sdir":
            raise _Unreadable(f"its index has the extension {os.fsdecode(name)!r}")
