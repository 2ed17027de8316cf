"""What a file of another platform says: a key of hop3.toml, or words for what has none there."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that a file says.

    ``section`` is one of hop3.toml's, and a key that is there already keeps its value, unless both
    are lists: those are joined. Without a section, ``value`` says what has no counterpart.
    """

    section: str
    key: str
    value: str | tuple[str, ...]
    file: str
    line: int | None = None

    @property
    def place(self) -> str:
        """Return where it is said."""
        return f"{self.file}:{self.line}" if self.line is not None else self.file


def unsaid(what: str, file: str, line: int | None = None) -> Finding:
    """Return what has no counterpart in hop3.toml, with what to do instead."""
    return Finding("", "", what, file, line)
