# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``compile_tree.py PATH...``: compile every Python file under each PATH, deterministically.

The results are unchecked-hash pycs (PEP 552): they hold no time, and the interpreter takes them
without looking at the source, which cannot change in the store.
"""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def sources(root: Path) -> Iterator[Path]:
    """Yield every regular .py file at or under ``root``, in an order that is always the same."""
    if not root.is_dir():
        if root.suffix == ".py" and root.is_file():
            yield root
        return
    for parent, directories, names in os.walk(root):
        directories.sort()
        for name in sorted(names):
            file = Path(parent, name)
            if file.suffix == ".py" and file.is_file() and not file.is_symlink():
                yield file


def main(*roots: str) -> None:
    """Compile all that compiles; templates and files for other Pythons stay as they are."""
    for root in roots:
        for source in sources(Path(root)):
            try:
                py_compile.compile(
                    str(source),
                    doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
            except py_compile.PyCompileError as error:
                print(f"not compiled: {error.msg.strip().splitlines()[-1]} ({source})")


if __name__ == "__main__":
    main(*sys.argv[1:])
