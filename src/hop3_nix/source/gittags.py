"""The tags of a repository that are on the commit which is checked out, read without git.

Imports the standard library only. Tags that only the objects of a pack tell of are not found.
"""

from __future__ import annotations

import os
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.files.regularfile import Malformed, read_regular
from hop3_nix.source.gitindex import find_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.source.gitindex import Repository

_TAGS: Final = "refs/tags/"
_OBJECT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ANNOTATED: Final = re.compile(rb"tag \d+\0object ([0-9a-f]+)\n")
_MAX_TEXT: Final = 32 << 20
_MAX_OBJECT: Final = 1 << 20
_MAX_TAGS: Final = 20_000
_HEAD_OF_OBJECT: Final = 512


def head_tags(root: str) -> tuple[str, ...]:
    """Return the names of the tags on the commit that is checked out around ``root``, sorted.

    Raises SourceError if there is a repository whose own directory is gone.
    """
    repository = find_repository(root)
    if repository is None:
        return ()
    packed = dict(_packed(repository))
    head = _resolve(_text(Path(repository.git, "HEAD")), repository, packed)
    if not head:
        return ()
    tags = {name: target for name, target in packed.items() if name.startswith(_TAGS)}
    # A loose one goes before one of the same name that is packed.
    tags |= {name: _peeled(target, repository) for name, target in _loose(repository)}
    return tuple(sorted(name.removeprefix(_TAGS) for name, at in tags.items() if at == head))


def _packed(repository: Repository) -> Iterator[tuple[str, str]]:
    """Yield names and what they lead to in the end (gitrepository-layout(5))."""
    name = ""
    for line in _text(Path(repository.common, "packed-refs")).splitlines():
        if line.startswith("^"):
            yield name, line[1:]
        elif not line.startswith("#"):
            target, _, name = line.partition(" ")
            yield name, target


def _loose(repository: Repository) -> Iterator[tuple[str, str]]:
    number = 0
    top = Path(repository.common, _TAGS)
    for directory, _, files in os.walk(top):
        for file in files:
            number += 1
            if number > _MAX_TAGS:
                return
            path = Path(directory, file)
            yield f"{_TAGS}{path.relative_to(top)}", _text(path).strip()


def _resolve(head: str, repository: Repository, packed: dict[str, str]) -> str:
    name = head.strip().partition("ref: ")[2]
    if not name:
        return head.strip()
    if not name.startswith("refs/") or ".." in name:
        return ""
    return _text(Path(repository.common, name)).strip() or packed.get(name, "")


def _peeled(target: str, repository: Repository) -> str:
    """Return the commit of an annotated tag, or ``target`` if it is none that can be read."""
    if not _OBJECT.fullmatch(target):
        return ""
    try:
        content = read_regular(
            Path(repository.common, "objects", target[:2], target[2:]), _MAX_OBJECT
        )
        start = zlib.decompressobj().decompress(content, _HEAD_OF_OBJECT)
    except (OSError, Malformed, zlib.error):
        return target
    found = _ANNOTATED.match(start)
    return found[1].decode() if found else target


def _text(path: Path) -> str:
    try:
        return read_regular(path, _MAX_TEXT).decode("utf-8", "replace")
    except (OSError, Malformed):
        return ""
