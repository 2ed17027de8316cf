"""Streams of bytes as lines, in bounded memory however long a line is."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 1 << 20
"""Bytes after which a line is cut, so that a stream without line ends needs little memory."""

_CHUNK: Final = 1 << 16

LINGERING: Final = 2.0
"""Seconds for which what a program has left running may hold its output open."""


class Lines:
    """Cut a stream of bytes into lines; what is too long is broken, or dropped if so wished."""

    def __init__(self, *, drop: bool = False) -> None:
        self._rest = bytearray()
        self._drop = drop

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes, without their ends."""
        lines = []
        first, newline, more = data.partition(b"\n")
        self._rest += first
        while newline:
            lines += self._broken()
            lines.append(bytes(self._rest))
            first, newline, more = more.partition(b"\n")
            self._rest = bytearray(first)
        return lines + self._broken()

    def finish(self) -> list[bytes]:
        """Return the last line, if the stream did not end with a line end."""
        rest = bytes(self._rest)
        self._rest.clear()
        return [rest] if rest else []

    def _broken(self) -> list[bytes]:
        lines: list[bytes] = []
        if self._drop:
            del self._rest[LONGEST:]
        while len(self._rest) > LONGEST:
            lines.append(bytes(self._rest[:LONGEST]))
            del self._rest[:LONGEST]
        return lines


class LinePipe:
    """A pipe whose lines go to ``handle``, on a thread, cut where they are too long."""

    def __init__(self, handle: Callable[[str], None]) -> None:
        self._handle = handle
        self._read, self.writing = os.pipe()
        self._thread = threading.Thread(target=self._hand_out, daemon=True)

    def start(self) -> None:
        """Begin to read; the program has its own copy of the writing end by now."""
        os.close(self.writing)
        self._thread.start()

    def abandon(self) -> None:
        """Close it without having read."""
        os.close(self.writing)
        os.close(self._read)

    def finish(self) -> None:
        """Return when all is read, or somebody else than the program keeps it open."""
        self._thread.join(LINGERING)

    def _hand_out(self) -> None:
        lines = Lines(drop=True)
        with open(self._read, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor
            while data := file.read(_CHUNK):
                for line in lines.feed(data):
                    self._handle(os.fsdecode(line))
            for line in lines.finish():
                self._handle(os.fsdecode(line))
