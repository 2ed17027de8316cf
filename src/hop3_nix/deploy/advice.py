"""What to tell of an app that tried to write beside its code: the directory to declare.

The app gets the ordinary error, and most print it. It is looked for in what they print.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

DENIED: Final = re.compile(
    rb"Errno (?:13|30)\]|EACCES|EROFS|ermission denied|ead-only file system|"
    rb"readonly database|unable to open database file"
)
"""What interpreters, shells and databases say of EACCES and EROFS (errno(3))."""

DATABASE: Final = re.compile(rb"readonly database|unable to open database file")

PATHS: Final = re.compile(r"""'([^'\n]+)'|"([^"\n]+)"|((?:/|\./)?[\w@%+=,.-]*/[\w@%+=,./-]*)""")
"""A path in quotes, or a word with a slash."""

MADE: Final = re.compile(r"\bmkdir\b|\bMakeDir\b|\bmakedirs\b", re.IGNORECASE)

HOW: Final = 'see docs/running.md, "Files that an app writes"'


class Advice:
    """Says once of each directory of ``tree`` how the app gets it to write to."""

    def __init__(self, tree: str) -> None:
        self._tree = Path(tree)
        self._said: set[str] = set()

    def of(self, line: bytes) -> str:
        """Return what to tell because of ``line``, nothing if it is about something else."""
        if not self._tree.name or not DENIED.search(line):
            return ""
        text = line.decode(errors="replace")
        found = next(filter(None, map(self._directory, _paths(text, self._tree))), "")
        if not found and DATABASE.search(line):
            found = "."
        if not found or found in self._said:
            return ""
        self._said.add(found)
        if found == ".":
            return (
                "it tried to write a file at the top of its tree, or a database in it, and cannot: "
                "let it stand below $HOP3_STATE_DIR, or in a directory that hop3.toml declares, as "
                f'in [run] writable = ["data"]; {HOW}'
            )
        return (
            f"it tried to write to {found} in its tree, and cannot: "
            f'[run] writable = ["{found}"] in hop3.toml gives it that directory, which is then '
            f"kept over releases; {HOW}"
        )

    def _directory(self, named: tuple[str, bool]) -> str:
        """Return the directory to declare for a path of the tree, "" for one of elsewhere."""
        path, made = named
        place = Path(path)
        if not place.is_absolute():
            place = self._tree / place
        if not place.is_relative_to(self._tree) or ".." in place.parts:
            return ""
        if place.is_dir() or made:
            return str(place.relative_to(self._tree))
        # A name that is no path at all has no directory there.
        return str(place.parent.relative_to(self._tree)) if place.parent.is_dir() else ""


def _paths(text: str, tree: Path) -> list[tuple[str, bool]]:
    made = bool(MADE.search(text))
    found = [next(filter(None, match.groups()), "") for match in PATHS.finditer(text)]
    named = [path for path in found if not DENIED.search(path.encode(errors="replace"))]
    # What is surely a path goes first, and then what looks like one.
    named.sort(key=lambda path: (not path.startswith(f"{tree}/"), "/" not in path))
    return [(path.rstrip("/"), made) for path in named]
