"""Lines of requirements files, as pip reads them ("Requirements File Format")."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.base import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.source import Source

_COMMENT: Final = re.compile(r"(^|\s+)#.*$")
_OPTION: Final = re.compile(r"(--[a-z][a-z-]*|-[A-Za-z])\s*=?\s*(.*)", re.DOTALL)
_INCLUDES: Final = {"-r": False, "--requirement": False, "-c": True, "--constraint": True}
"""Whether what is included constrains only."""


@dataclass(frozen=True)
class Line:
    """A logical line: continuations joined, comments gone."""

    text: str
    place: Place
    constrains: bool = False

    @property
    def option(self) -> tuple[str, str] | None:
        """Return the name and the value of an option, or None if this is a requirement."""
        found = _OPTION.fullmatch(self.text)
        return (found[1], found[2].strip()) if found else None


def read_lines(source: Source, file: str) -> tuple[Line, ...]:
    """Return the lines of ``file`` and, in their place, of the files that it includes.

    A file is read once, however often it is included. Raises LockError.
    """
    return tuple(_read(source, file, set(), constrains=False))


def native_files(source: Source, file: str) -> tuple[str, ...]:
    """Return ``file`` and those that it includes, sorted; raises LockError."""
    seen = set[tuple[str, bool]]()
    for _ in _read(source, file, seen, constrains=False):
        pass
    return tuple(sorted({name for name, _ in seen}))


def logical_lines(file: str, text: str) -> Iterator[Line]:
    """Yield the lines of ``text`` that say something, each at its first physical line."""
    parts: list[str] = []
    first = 1
    for number, physical in enumerate([*text.removeprefix("\ufeff").splitlines(), ""], 1):
        first = first if parts else number
        comment = _COMMENT.match(physical)
        if physical.endswith("\\") and not comment:
            parts.append(physical.removesuffix("\\"))
            continue
        parts.append(f" {physical}" if comment else physical)
        if line := _COMMENT.sub("", "".join(parts)).strip():
            yield Line(line, Place(file, first))
        parts = []


def _read(
    source: Source, file: str, seen: set[tuple[str, bool]], *, constrains: bool
) -> Iterator[Line]:
    seen.add((file, constrains))
    for line in logical_lines(file, source.read_text(file)):
        name, value = line.option or ("", "")
        if name not in _INCLUDES:
            yield Line(line.text, line.place, constrains)
            continue
        included = _included(source, value, line.place)
        only = constrains or _INCLUDES[name]
        if (included, only) not in seen:
            yield from _read(source, included, seen, constrains=only)


def _included(source: Source, value: str, place: Place) -> str:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place.file), value))
    if "://" in value or path.startswith(("/", "../")):
        raise place.error(
            f"{value} is outside the app", tip="Copy the file into the app and name that."
        )
    if not source.has(path):
        raise place.error(
            f"there is no file {path} among the app's files",
            tip="Correct the name, or add the file to the app (git add).",
        )
    return path
