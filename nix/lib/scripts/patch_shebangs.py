# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``patch_shebangs.py STORE DIRECTORY PATH...``: make scripts run where there is no /usr or /bin.

The interpreter of every executable script under DIRECTORY becomes the program of that name in the
first of the directories PATH that has it; only what the result has at run time is on that path.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OWNER_MAY_RUN: Final = 0o100


def patched(line: bytes, store: str, path: Sequence[str]) -> bytes | None:
    """Return the first line of a script with its program found on ``path``.

    None if it needs no change or the program is not there.
    """
    words = line[2:].decode("utf-8", "surrogateescape").split(maxsplit=1)
    if not words or words[0].startswith(f"{store}/"):
        return None
    program, arguments = PurePosixPath(words[0]).name, words[1:]
    if program == "env":
        words = " ".join(arguments).removeprefix("-S").split(maxsplit=1)
        # A variable or another option of env would be taken for the program.
        if not words or words[0].startswith("-") or "=" in words[0]:
            return None
        program, arguments = PurePosixPath(words[0]).name, words[1:]
    found = next((f"{entry}/{program}" for entry in path if os.access(f"{entry}/{program}", 1)), "")
    if not found:
        return None
    return f"#!{' '.join([found, *arguments])}\n".encode("utf-8", "surrogateescape")


def scripts(directory: Path) -> Iterator[Path]:
    """Yield every executable regular file under ``directory`` that begins with ``#!``."""
    for parent, _, names in os.walk(directory):
        for name in names:
            file = Path(parent, name)
            if file.is_symlink() or not file.is_file():
                continue
            if file.stat().st_mode & _OWNER_MAY_RUN:
                with file.open("rb") as content:
                    if content.read(2) == b"#!":
                        yield file


def main(store: str, directory: str, *path: str) -> None:
    """Patch every script under ``directory`` in place."""
    for script in scripts(Path(directory)):
        first, newline, rest = script.read_bytes().partition(b"\n")
        line = patched(first, store, path)
        if line is not None:
            script.write_bytes(line + rest if newline else line)
            print(f"{script.relative_to(directory)}: {line.decode(errors='replace').strip()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
