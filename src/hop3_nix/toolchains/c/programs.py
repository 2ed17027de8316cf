"""The programs that an application's CMakeLists.txt, meson.build or Makefile makes."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.toolchains.c.systems import BUILD, System, system_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App

_NOT_OURS: Final = frozenset(
    (
        *("test", "tests", "example", "examples", "bench", "benchmarks", "subprojects"),
        *("vendor", "third_party", "thirdparty", "external", "extern", "deps"),
    )
)
"""Directories whose programs are not what an application is started by."""

_COMMENTS: Final = re.compile(r"#.*")
_PROJECT: Final = re.compile(r"""\bproject\s*\(\s*['"]?([\w.+-]+)""", re.IGNORECASE)
_CMAKE: Final = re.compile(
    r"""\badd_executable\s*\(\s*"?([\w.+${}-]+)"?(?!\s+(?:ALIAS|IMPORTED)\b)""", re.IGNORECASE
)
_CMAKE_PLACE: Final = re.compile(
    r"""\bset\s*\(\s*(?:CMAKE_RUNTIME_OUTPUT_DIRECTORY|EXECUTABLE_OUTPUT_PATH)\s+"?([^\s")]+)""",
    re.IGNORECASE,
)
_CMAKE_TOPS: Final = tuple(
    f"${{{name}}}"
    for name in ("CMAKE_BINARY_DIR", "PROJECT_BINARY_DIR", "CMAKE_CURRENT_BINARY_DIR")
)
_SOURCE_TOPS: Final = tuple(
    f"${{{name}}}"
    for name in ("CMAKE_SOURCE_DIR", "PROJECT_SOURCE_DIR", "CMAKE_CURRENT_SOURCE_DIR")
)
_MESON: Final = re.compile(r"""\bexecutable\s*\(\s*(?:'([\w.+-]+)'|meson\.project_name\(\))""")
_MAKE: Final = re.compile(
    r"^(?:TARGET|BIN|NAME|PROG|PROGRAM|EXE|EXEC|EXECUTABLE|OUT|OUTPUT)"
    r"\s*[:?]?=[ \t]*([\w./+-]+)[ \t]*$",
    re.MULTILINE,
)
_MAKE_RULE: Final = re.compile(
    r"^([\w./+-]+)\s*:(?!=).*\n(?:\t.*\n)*?\t.*(?:-o\s*(?:\$@|\1)\b|-o \$@)", re.MULTILINE
)


class Program(NamedTuple):
    """A program: where it will be, relative to the tree, and what says that it is made."""

    path: str
    file: str
    line: int

    @property
    def name(self) -> str:
        """Return its name without the directory."""
        return posixpath.basename(self.path)


def project_of(app: App) -> str:
    """Return the name of the project, empty if there is none."""
    system = app.once(system_of)
    if system is None or not system.is_project:
        return ""
    found = _PROJECT.search(_read(app, system.file))
    return found[1] if found else ""


def programs_of(app: App) -> tuple[Program, ...]:
    """Return the programs, those of tests and of other projects left out."""
    system = app.once(system_of)
    if system is None:
        return ()
    find = {"cmake": _of_cmake, "meson": _of_meson, "make": _of_make}[system.name]
    return tuple(dict.fromkeys(find(app, system)))


def _of_cmake(app: App, system: System) -> Iterator[Program]:
    project = project_of(app)
    place = _CMAKE_PLACE.search(_read(app, system.file))
    for file in _files(app, system.file):
        text = _read(app, file)
        for match in _CMAKE.finditer(text):
            name = re.sub(r"\$\{(?:CMAKE_)?PROJECT_NAME\}", project, match[1])
            directory = (
                _cmake_place(place[1]) if place else posixpath.join(BUILD, posixpath.dirname(file))
            )
            if "$" not in name and directory is not None:
                yield _program(posixpath.join(directory, name), file, text, match.start())


def _cmake_place(said: str) -> str | None:
    """Return the directory that ``said`` is, None if that is not told."""
    for tops, base in ((_CMAKE_TOPS, BUILD), (_SOURCE_TOPS, "")):
        for top in tops:
            rest = said.removeprefix(top)
            if rest != said and "$" not in rest:
                return posixpath.normpath(posixpath.join(base, rest.lstrip("/") or "."))
    return None


def _of_meson(app: App, system: System) -> Iterator[Program]:
    project = project_of(app)
    for file in _files(app, system.file):
        text = _read(app, file)
        for match in _MESON.finditer(text):
            path = posixpath.join(BUILD, posixpath.dirname(file), match[1] or project)
            yield _program(path, file, text, match.start())


def _of_make(app: App, system: System) -> Iterator[Program]:
    text = _read(app, system.file)
    for pattern in (_MAKE, _MAKE_RULE):
        for match in pattern.finditer(text):
            if not match[1].endswith((".o", ".a", ".so")):
                yield _program(posixpath.normpath(match[1]), system.file, text, match.start())


def _program(path: str, file: str, text: str, start: int) -> Program:
    return Program(path if "/" in path else f"./{path}", file, text.count("\n", 0, start) + 1)


def _files(app: App, name: str) -> list[str]:
    return [
        file
        for file in app.source.files
        if posixpath.basename(file) == name and not _NOT_OURS.intersection(file.split("/"))
    ]


def _read(app: App, file: str) -> str:
    return _COMMENTS.sub("", app.source.read_text(file))
