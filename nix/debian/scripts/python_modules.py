# ruff: noqa: INP001 - a module that Nix runs by its path
"""Modules of Python's that ask the system, or tell of Debian's places."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FIND_LIBRARY = """

# Looks where the dynamic linker of this interpreter does: nothing is asked of the system.
def find_library(name):
    import re

    found = re.compile(r"lib%s\\.so((?:\\.[0-9]+)*)$" % re.escape(name))
    for folder in [*os.environ.get("LD_LIBRARY_PATH", "").split(":"), *@FOLDERS@]:
        try:
            names = [file for file in os.listdir(folder) if found.match(file)] if folder else []
        except OSError:
            continue
        if names:
            # The one with the major version alone is what libraries are loaded by.
            return min(names, key=lambda file: (abs(file.count(".", len(name) + 5) - 1), file))
    return None
"""

_SYSCONFIG = """

# What is for compiling stands with the headers, which builds alone have, and those say where.
import os as _os

if _os.environ.get("@VARIABLE@"):
    with open(_os.environ["@VARIABLE@"], encoding="utf-8") as _file:
        exec(_file.read())
"""


def mend_sysconfig(module: Path, python: str) -> None:
    """Let ``module``, sysconfig's, heed what builds set: NIX_SYSCONFIG_PYTHON3_13 and its like."""
    variable = f"NIX_SYSCONFIG_{python.upper().replace('.', '_')}"
    with module.open("a", encoding="utf-8") as file:
        file.write(_SYSCONFIG.replace("@VARIABLE@", variable))


def mend_find_library(module: Path, folders: list[str]) -> None:
    """Let the ``find_library`` of ``module`` look in LD_LIBRARY_PATH, then in ``folders``."""
    with module.open("a", encoding="utf-8") as file:
        file.write(_FIND_LIBRARY.replace("@FOLDERS@", repr(folders)))
