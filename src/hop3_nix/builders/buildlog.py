"""The full log of a build, in a file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from hop3_nix.builders.base import Report

LOG_FILE: Final = "build.log"
PREVIOUS: Final = "build.log.1"


LARGEST: Final = 64 << 20
"""Bytes of the file; the rest of a longer log is told to the report alone."""


class BuildLog:
    """Takes every line of a build, for the file and for the report."""

    def __init__(self, path: Path, file: TextIO, report: Report) -> None:
        self.path = path
        self._file = file
        self._report = report
        self._room = LARGEST

    def line(self, text: str) -> None:
        """Write ``text`` as one line, at once."""
        self._report.line(text)
        if self._room < 0:
            return
        self._room -= len(text) + 1
        self._file.write(f"{text}\n" if self._room >= 0 else "The log goes on: it is too long.\n")


@contextmanager
def open_log(state: Path, report: Report) -> Iterator[BuildLog]:
    """Give the log of a new build; that of the build before stays beside it."""
    path = state / LOG_FILE
    if path.exists():
        path.replace(state / PREVIOUS)
    # A builder may print anything: what is not text is written as an escape.
    with path.open("w", encoding="utf-8", errors="backslashreplace", buffering=1) as file:
        yield BuildLog(path, file, report)
