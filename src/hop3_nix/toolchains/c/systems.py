"""The programs that build C and C++, each told by its file at the top."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from hop3_nix.toolchains.app import App

BUILD: Final = "build"
"""Where CMake and Meson build, as their own documentation has it."""

JOBS: Final = '"${NIX_BUILD_CORES:-2}"'

SOURCES: Final = (".c", ".cc", ".cpp", ".cxx", ".C", ".c++")


class System(NamedTuple):
    """A build system: the file that tells it, its steps, and what of it a machine has to have."""

    name: str
    file: str
    steps: tuple[str, ...]
    requires: tuple[str, ...]
    is_project: bool = True
    """Whether the file names a project, in the words ``project(NAME``."""


SYSTEMS: Final = (
    System(
        "cmake",
        "CMakeLists.txt",
        (
            f"cmake -S . -B {BUILD} -DCMAKE_BUILD_TYPE=Release",
            f"cmake --build {BUILD} --parallel {JOBS}",
        ),
        ("cmake", "make", "c++"),
    ),
    System(
        "meson",
        "meson.build",
        (f"meson setup {BUILD} --buildtype=release --wrap-mode=nodownload", f"ninja -C {BUILD}"),
        ("meson", "ninja", "cc"),
    ),
    System("make", "Makefile", (f"make -j {JOBS}",), ("make", "cc"), is_project=False),
    System("make", "makefile", (f"make -j {JOBS}",), ("make", "cc"), is_project=False),
    System("make", "GNUmakefile", (f"make -j {JOBS}",), ("make", "cc"), is_project=False),
)


def system_of(app: App) -> System | None:
    """Return the build system of ``app``; make is one where there is C or C++ to compile."""
    for system in SYSTEMS:
        if app.source.has(system.file) and (system.is_project or _has_sources(app)):
            return system
    return None


def _has_sources(app: App) -> bool:
    """Return whether there is C or C++ at the top or in src/."""
    return any(
        file.endswith(SOURCES) and posixpath.dirname(file) in {"", "src"}
        for file in app.source.files
    )
