"""The application's modules that are imported when a worker starts; none of them is run here."""

from __future__ import annotations

import ast
import posixpath
import re
import sys
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import SourceError
from hop3_nix.toolchains.python.bindings import imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.source import Source

_NEWER: Final = re.compile(
    r"^[ \t]*type\s+\w+.*="
    r"|\b(?:def|class)\s+\w+\s*\[|\b[rR]?[fFtT][rR]?[\"']|\bexcept\*?\s+\w[^:(]*,",
    re.MULTILINE,
)
"""What a Python that is newer than 3.11 reads and that one does not."""

_AROUND: Final = 4
"""Lines from an error in which syntax that is newer may be its cause."""


class Broken(NamedTuple):
    """A module that cannot be read; ``certain`` if no newer Python reads it either."""

    file: str
    line: int | None
    what: str
    certain: bool


class Import(NamedTuple):
    """A name from outside of the application that one of its modules imports."""

    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Imported:
    """Follows imports through the tree; ``roots`` is where modules are looked for."""

    source: Source
    release: tuple[int, int]
    roots: tuple[str, ...]
    broken: dict[str, Broken] = field(default_factory=dict)
    outside: dict[str, Import] = field(default_factory=dict)
    _trees: dict[str, ast.Module | None] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def find(self, name: str, roots: tuple[str, ...]) -> str | None:
        """Return the file of module ``name``, or None."""
        path = name.replace(".", "/")
        for root in roots:
            for file in (f"{path}.py", f"{path}/__init__.py"):
                full = posixpath.normpath(posixpath.join(root, file))
                if self.source.has(full):
                    return full
        return None

    def tree(self, file: str) -> ast.Module | None:
        """Return the syntax of ``file``; None if it is broken, which is noted."""
        if file not in self._trees:
            self._trees[file] = self._parse(file)
        return self._trees[file]

    def follow(self, file: str, roots: tuple[str, ...]) -> None:
        """Read ``file``, and all that importing it imports."""
        pending = [file]
        while pending:
            one = pending.pop()
            if one in self._seen:
                continue
            self._seen.add(one)
            tree = self.tree(one)
            for node in imports(tree) if tree else ():
                pending += self._files(node, one, roots)

    def _files(
        self, node: ast.Import | ast.ImportFrom, file: str, roots: tuple[str, ...]
    ) -> Iterator[str]:
        for name in _names(node, file):
            if name.startswith("/"):
                found = self.find(name[1:], ("",))
            else:
                found = self.find(name, roots)
                top = name.partition(".")[0]
                if found is None and not self.is_directory(top, roots):
                    self.outside.setdefault(top, Import(top, file, node.lineno))
            if found:
                yield found

    def is_directory(self, name: str, roots: tuple[str, ...]) -> bool:
        """Return whether a directory, or a compiled module, is called like module ``name``."""
        path = name.replace(".", "/")
        fronts = tuple(posixpath.normpath(posixpath.join(root, path)) for root in roots)
        begins = tuple(f"{front}{end}" for front in fronts for end in "/.")
        return any(file.startswith(begins) for file in self.source.files)

    def names(self, roots: tuple[str, ...]) -> frozenset[str]:
        """Return the modules and packages that stand at one of ``roots``."""
        found = set()
        for root in roots:
            front = "" if root in {"", "."} else f"{root}/"
            for file in self.source.files:
                if file.startswith(front) and file.endswith(".py"):
                    found.add(file.removeprefix(front).partition("/")[0].removesuffix(".py"))
        return frozenset(found)

    def _parse(self, file: str) -> ast.Module | None:
        try:
            text = self.source.read_text(file)
        except SourceError:
            # In another encoding, which Python may be told.
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(text, filename=file, feature_version=self.release)
        except SyntaxError as error:
            self.broken[file] = self._broken(file, text, error)
        except (ValueError, RecursionError, MemoryError):
            pass
        return None

    def _broken(self, file: str, text: str, error: SyntaxError) -> Broken:
        line = error.lineno or None
        lines = text.splitlines()
        near = lines[max((line or 1) - _AROUND, 0) : (line or len(lines)) + _AROUND]
        newer = sys.version_info[:2] < self.release and (
            _NEWER.search("\n".join(near)) is not None or "f-string" in (error.msg or "")
        )
        return Broken(file, line, error.msg or "invalid syntax", certain=not newer)


def _names(node: ast.Import | ast.ImportFrom, file: str) -> Iterator[str]:
    """Yield the modules that ``node`` may import; those beside ``file`` begin with ``/``."""
    if isinstance(node, ast.Import):
        for each in node.names:
            yield from _with_parents(each.name)
        return
    base = node.module or ""
    if node.level:
        folder = posixpath.dirname(file)
        for _ in range(node.level - 1):
            folder = posixpath.dirname(folder)
        base = "/" + ".".join(filter(None, [folder.replace("/", "."), base]))
        yield base
    else:
        yield from _with_parents(base)
    for each in node.names:
        yield f"{base}.{each.name}" if base != "/" else f"/{each.name}"


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])
