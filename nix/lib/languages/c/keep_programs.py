# ruff: noqa: INP001 - a program that Nix runs by its path
"""Delete what a build of C or C++ has left that nothing needs at run time.

usage: keep_programs.py OUT SOURCE

OUT is a result with its tree in app/, or in tree/ if that is there. What SOURCE has too is kept.
Objects and archives name the compiler and its headers, which have no place in a closure.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

DIRECTORIES = ("CMakeFiles", "meson-private", "meson-info", "meson-logs", "Testing")
"""Of CMake and Meson, for themselves alone; and those that Meson calls NAME.p."""

FILES = (
    "CMakeCache.txt",
    "CTestTestfile.cmake",
    "DartConfiguration.tcl",
    "Makefile",
    "build.ninja",
    "cmake_install.cmake",
    "compile_commands.json",
    "install_manifest.txt",
)

ENDINGS = (".a", ".d", ".gch", ".lo", ".o", ".obj", ".pch")


def is_left_over(path: Path) -> bool:
    """Return whether ``path``, which the build has made, is for the build alone."""
    name = path.name
    if path.is_dir() and not path.is_symlink():
        return name in DIRECTORIES or (
            name.endswith(".p") and (path.parent / "build.ninja").exists()
        )
    return name in FILES or name.endswith(ENDINGS) or name.startswith((".ninja_", "cmake_pch"))


def clean(tree: Path, source: Path) -> None:
    """Delete below ``tree`` what is left over and not in ``source``."""
    for root, directories, files in os.walk(tree):
        here = Path(root)
        made = [
            here / name
            for name in (*directories, *files)
            if not os.path.lexists(source / here.relative_to(tree) / name)
        ]
        # Decided before any is deleted: build.ninja tells what is beside it.
        for path in [path for path in made if is_left_over(path)]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
                directories.remove(path.name)
            else:
                path.unlink()


def main() -> None:
    """Clean the tree of a result."""
    out, source = map(Path, sys.argv[1:])
    clean(out / "tree" if (out / "tree").is_dir() else out / "app", source)


if __name__ == "__main__":
    main()
