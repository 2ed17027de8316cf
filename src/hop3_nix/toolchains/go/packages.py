"""The application's own packages, as a look at its files tells: programs, imports, what needs C.

No Go is run for this. An import that is missed costs time, and nothing else.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.go.modfile import MOD
from hop3_nix.locks.go.modules import read_modules
from hop3_nix.toolchains.go.constraints import is_built

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

_COMMENT: Final = re.compile(r"/\*.*?\*/|^[ \t]*//[^\n]*", re.DOTALL | re.MULTILINE)
_PACKAGE: Final = re.compile(r"^[ \t]*package[ \t]+(\w+)", re.MULTILINE)
_BLOCK: Final = re.compile(r"^import\s*\((.*?)\)", re.DOTALL | re.MULTILINE)
_SINGLE: Final = re.compile(r"^import\s+((?:[\w.]+\s+)?[\"`][^\"`]+[\"`])", re.MULTILINE)
_PATH: Final = re.compile(r"[\"`]([^\"`\n]+)[\"`]")
_VERSION: Final = re.compile(r"v[2-9]\d*|v1\d+")
_UNSEEN: Final = ("testdata", "vendor")


@dataclass(frozen=True)
class Program:
    """A package that is a program: where it is, and what Go calls what it makes of it."""

    directory: str
    """Relative to the top, empty for that itself."""
    name: str

    @property
    def argument(self) -> str:
        """Return it as Go's commands take it."""
        return f"./{self.directory}" if self.directory else "."


@dataclass(frozen=True)
class Packages:
    """What is known of the application's own packages."""

    programs: tuple[Program, ...]
    imports: tuple[str, ...]
    """Packages of other modules that are imported by any of them."""
    cgo: str
    """The first file that has C in it, empty if there is none."""


def read_packages(app: App) -> Packages:
    """Return the application's own packages, without those of tests. Raises LockError."""
    modules = app.read(read_modules)
    homes = {mod.directory: mod.module for mod in modules.own}
    inside = {mod.directory: mod.module for mod in (*modules.own, *modules.local)}
    programs: dict[str, Program] = {}
    imports: set[str] = set()
    cgo = ""
    for file in app.source.files:
        home = _home(app.source, file)
        if home not in inside or not _is_code(file, home):
            continue
        text = app.source.read_text(file)
        head = text[: found.start()] if (found := _PACKAGE.search(_blanked(text))) else ""
        if found is None or not is_built(file, head, ("cgo",)):
            continue
        directory = posixpath.dirname(file)
        imported = set(_imports(_blanked(text)))
        imports |= imported
        if "C" in imported and not cgo and is_built(file, head):
            cgo = file
        if found[1] == "main" and home in homes:
            below = directory.removeprefix(home).strip("/")
            path = f"{homes[home]}/{below}" if below else homes[home]
            programs[directory] = Program(directory, name_of(path))
    own = tuple(inside.values())
    return Packages(
        tuple(sorted(programs.values(), key=lambda each: each.directory)),
        tuple(sorted(path for path in imports if _is_of_others(path, own))),
        cgo,
    )


def _is_code(file: str, home: str) -> bool:
    if not file.endswith(".go") or file.endswith("_test.go"):
        return False
    parts = file.removeprefix(f"{home}/" if home else "").split("/")
    return not any(part in _UNSEEN or part[:1] in {"_", "."} for part in parts)


def _home(source: Source, file: str) -> str:
    """Return the directory of the module that ``file`` is in."""
    directory = posixpath.dirname(file)
    while directory and not source.has(f"{directory}/{MOD}"):
        directory = posixpath.dirname(directory)
    return directory


def _blanked(text: str) -> str:
    """Return ``text`` without its comments, as long as it was."""
    return _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _imports(text: str) -> Iterator[str]:
    for block in _BLOCK.findall(text):
        yield from _PATH.findall(block)
    for single in _SINGLE.findall(text):
        yield from _PATH.findall(single)


def name_of(path: str) -> str:
    """Return the last part of a package's path that is no version of a module (`go help build`)."""
    parts = path.split("/")
    last = parts[-1]
    return parts[-2] if len(parts) > 1 and _VERSION.fullmatch(last) else last


def _is_of_others(path: str, own: tuple[str, ...]) -> bool:
    of_own = any(path == module or path.startswith(f"{module}/") for module in own)
    # The first part of a path that is no module of the standard library has a dot.
    return "." in path.split("/", maxsplit=1)[0] and not of_own
