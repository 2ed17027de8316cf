# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``check_result.py STORE RESULT [TREE SOURCE]``: refuse what a result cannot or must not have.

That is a pipe, a socket, a file or directory that cannot be read, and a symlink that leads to
neither RESULT nor a store path: whoever runs the application would follow it into the host. With
TREE, a symlink below that leads nowhere is refused as well, unless SOURCE has it.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN: Final = 20
"""Problems that are printed."""

_KINDS: Final = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}
_FOREIGN: Final = "node_modules"
"""Below it links that lead nowhere are not the application's."""


def is_inside(path: str, directory: str) -> bool:
    """Return whether ``path`` is ``directory`` or below it, as they are spelt."""
    return path == directory or path.startswith(f"{directory}/")


def is_in_store(path: str, store: str) -> bool:
    """Return whether ``path`` is in a store path that this build sees, and so is in its closure."""
    if not path.startswith(f"{store}/"):
        return False
    return os.path.lexists(f"{store}/{path.removeprefix(f'{store}/').partition('/')[0]}")


def leads_out(link: Path, store: str, result: str) -> bool:
    """Return whether ``link`` leads, at once or at last, to neither ``result`` nor a store path."""
    for end in (os.path.normpath(link.parent / link.readlink()), os.path.realpath(link)):
        is_ours = is_inside(end, result) or is_inside(end, os.path.realpath(result))
        if not is_ours and not is_in_store(end, store):
            return True
    return False


def problem(path: Path, store: str, result: str) -> str:
    """Return what is wrong with ``path``, nothing if all is well."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        target = path.readlink()
        return f"a link to {target}, out of the result" if leads_out(path, store, result) else ""
    if kind := _KINDS.get(stat.S_IFMT(mode)):
        return f"{kind}, which a result cannot hold"
    needed = os.R_OK | os.X_OK if stat.S_ISDIR(mode) else os.R_OK
    return "" if os.access(path, needed) else "not to be read: its mode was taken away"


def leads_nowhere(path: Path, tree: Path, source: Path) -> bool:
    """Return whether ``path`` is a link to nothing that ``source`` does not have."""
    if not path.is_symlink() or path.exists():
        return False
    below = path.relative_to(tree)
    original = source / below
    is_own = original.is_symlink() and original.readlink() == path.readlink()
    return not is_own and _FOREIGN not in below.parts


def problems(store: str, result: str, tree: str = "", source: str = "") -> Iterator[str]:
    """Yield a line for everything that is wrong with ``result``."""
    root = Path(result)
    pending = [root]
    while pending:
        path = pending.pop()
        found = problem(path, store, result)
        if not found and tree and is_inside(str(path), tree):
            nowhere = leads_nowhere(path, Path(tree), Path(source))
            found = f"a link to {path.readlink()}, which is not there" if nowhere else ""
        if found:
            yield f"{path.relative_to(root)} is {found}"
        elif path.is_dir() and not path.is_symlink():
            pending += sorted(path.iterdir(), reverse=True)


def main(*arguments: str) -> int:
    """Return 0 if all is well; else print what is not, and return 1."""
    found = list(problems(*arguments))
    for line in found[:SHOWN]:
        print(f"after the build steps, {line}", file=sys.stderr)
    if len(found) > SHOWN:
        print(f"and {len(found) - SHOWN} more", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
