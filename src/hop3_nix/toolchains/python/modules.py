"""The app's own modules, parsed and never imported."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.source import Source

IGNORED_DIRECTORIES: Final = frozenset(
    [
        *("benchmarks", "build", "dist", "doc", "docs", "examples", "migrations", "node_modules"),
        *("scripts", "site-packages", "test", "testing", "tests", "venv"),
    ]
)
IGNORED_FILES: Final = frozenset(
    ("setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py")
)
MAX_DEPTH: Final = 4
"""Directories deep; an application object is never found further down."""

USUAL_NAMES: Final = ("main", "app", "application", "wsgi", "asgi", "api", "server", "__init__")
"""Names of modules that hold the application object, the likeliest first."""


_BY_ITS_NAME: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+(?:src\b|\.)|import[ \t]+src\b)", re.MULTILINE
)


@dataclass(frozen=True)
class Module:
    """One module of the app: its dotted name, and its syntax tree."""

    name: str
    file: str
    tree: ast.Module

    def imports(self) -> dict[str, str]:
        """Return the names that imports at the top bind, each with the dotted name behind it."""
        bound: dict[str, str] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    bound[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom):
                origin = self.absolute(node)
                for alias in node.names:
                    bound[alias.asname or alias.name] = f"{origin}.{alias.name}"
        return bound

    def starred(self) -> tuple[str, ...]:
        """Return the modules from which all names are imported at the top."""
        return tuple(
            self.absolute(node)
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        )

    def absolute(self, node: ast.ImportFrom) -> str:
        """Return the module that ``node`` imports from, relative ones resolved."""
        if not node.level:
            return node.module or ""
        package = self.name.split(".")
        dropped = node.level - (1 if self.file.endswith("__init__.py") else 0)
        base = package[: len(package) - dropped]
        return ".".join([*base, *([node.module] if node.module else [])])

    def assignments(self) -> Iterator[tuple[str, ast.expr, int]]:
        """Yield name, value and line of each assignment to a plain name at the top."""
        for node in self.tree.body:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        # Of several, the application comes first: app, rt = fast_app()
                        first = target.elts[0] if isinstance(target, ast.Tuple) else target
                        if isinstance(first, ast.Name):
                            yield first.id, value, node.lineno
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    yield name, value, node.lineno


@dataclass(frozen=True)
class Modules:
    """The modules below the import roots of a source tree, parsed when they are asked for."""

    source: Source
    _parsed: dict[str, Module | None] = field(default_factory=dict)

    def named(self, name: str) -> Module | None:
        """Return the module that ``import name`` finds in the tree, or None."""
        path = name.replace(".", "/")
        for root in ("", "src/"):
            for file in (f"{root}{path}.py", f"{root}{path}/__init__.py"):
                if self.source.has(file):
                    return self.parse(file)
        return None

    def parse(self, file: str) -> Module | None:
        """Return the module in ``file``; None if it is not Python of this version, or no module."""
        if file not in self._parsed:
            self._parsed[file] = self._read(file)
        return self._parsed[file]

    def candidates(self) -> list[str]:
        """Return the files that may hold an application object, the likeliest first."""
        found = [file for file in self.source.files if file.endswith(".py") and _may_serve(file)]
        return sorted(found, key=_likelihood)

    @cached_property
    def _is_root(self) -> bool:
        return not is_package(self.source)

    def _read(self, file: str) -> Module | None:
        name = module_name(file.removeprefix("src/") if self._is_root else file)
        if name is None:
            return None
        try:
            tree = ast.parse(self.source.read_text(file), filename=file)
        except (SyntaxError, ValueError, SourceError):
            # A template of code, or code for another Python: nothing that could be served.
            return None
        return Module(name=name, file=file, tree=tree)


def module_name(file: str) -> str | None:
    """Return the dotted name of ``file``, relative to where it is imported from; None without."""
    parts = list(PurePosixPath(file).with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts) if all(part.isidentifier() for part in parts) else None


def is_package(source: Source) -> bool:
    """Return whether src/ is imported by its name, and not a root that modules are found in.

    Modules that stand in it say so where they import each other: ``from src.x``, ``from .x``.
    """
    inside = [
        file
        for file in source.files
        if file.startswith("src/") and file.count("/") == 1 and file.endswith(".py")
    ]
    if "src/__init__.py" in inside:
        return True
    for file in inside:
        try:
            if _BY_ITS_NAME.search(source.read_text(file)):
                return True
        except SourceError:
            continue
    return False


def _may_serve(file: str) -> bool:
    *directories, name = PurePosixPath(file).parts
    return (
        len(directories) <= MAX_DEPTH
        and not IGNORED_DIRECTORIES.intersection(directories)
        and name not in IGNORED_FILES
        and not name.startswith("test_")
    )


def _likelihood(file: str) -> tuple[int, int, str]:
    path = PurePosixPath(file.removeprefix("src/"))
    usual = USUAL_NAMES.index(path.stem) if path.stem in USUAL_NAMES else len(USUAL_NAMES)
    return len(path.parts), usual, file
