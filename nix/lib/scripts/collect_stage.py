# ruff: noqa: INP001 - a program that Nix and the local builder run by its path
"""``collect_stage.py SPEC OUT``: copy to OUT what the build steps of a stage have made.

SPEC is JSON: ``source``, the files that there were before; ``tree``, those that there are now;
``skipped``, names of directories that are passed over; ``references``, paths in the Nix store that
are not to be named by what is copied. What is there already in OUT is replaced.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HASH: Final = 32
"""Characters in front of the name in a file name of the Nix store."""


def made(source: Path, tree: Path, skipped: Sequence[str]) -> Iterator[str]:
    """Yield the paths of ``tree`` that ``source`` has not, or that are something else there."""
    for parent, folders, files in os.walk(tree):
        wanted = sorted(set(folders).difference(skipped))
        # What a link leads to is found by its own path, or is no part of the tree.
        folders[:] = [name for name in wanted if not Path(parent, name).is_symlink()]
        for name in [*wanted, *sorted(files)]:
            path = Path(parent, name).relative_to(tree)
            if not is_same(source / path, tree / path):
                yield str(path)


def is_same(before: Path, now: Path) -> bool:
    """Return whether ``now`` is what ``before`` was, apart from the interpreter of a script.

    Builds name the interpreters of scripts by their absolute paths before any step runs.
    """
    if before.is_symlink() or now.is_symlink():
        return before.is_symlink() and now.is_symlink() and before.readlink() == now.readlink()
    if now.is_dir():
        return before.is_dir()
    if not before.is_file() or os.access(before, os.X_OK) != os.access(now, os.X_OK):
        return False
    return _without_interpreter(before.read_bytes()) == _without_interpreter(now.read_bytes())


def copy(path: Path, target: Path, references: Sequence[str]) -> None:
    """Make ``target`` what ``path`` is, with no name of ``references`` in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        target.mkdir(exist_ok=True)
        return
    target.unlink(missing_ok=True)
    if path.is_symlink():
        target.symlink_to(path.readlink())
        return
    shutil.copyfile(path, target)
    target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
    content = path.read_bytes()
    changed = content
    for reference in references:
        name = Path(reference).name.encode()
        # As long as it was, so that it can stand in files of any kind.
        changed = changed.replace(name, b"e" * _HASH + name[_HASH:])
    if changed != content:
        target.write_bytes(changed)


def _without_interpreter(content: bytes) -> bytes:
    return content.partition(b"\n")[2] if content.startswith(b"#!") else content


def main(spec_file: str, out: str) -> None:
    """Fill ``out``."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    tree = Path(spec["tree"])
    Path(out).mkdir(exist_ok=True)
    for path in list(made(Path(spec["source"]), tree, spec["skipped"])):
        copy(tree / path, Path(out, path), spec["references"])


if __name__ == "__main__":
    main(*sys.argv[1:])
