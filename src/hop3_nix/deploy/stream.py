"""One output of one process, read as it comes."""

from __future__ import annotations

import asyncio
import os
from typing import IO, TYPE_CHECKING, Final

from hop3_nix.text.lines import Lines

if TYPE_CHECKING:
    from hop3_nix.deploy.console import Console

CHUNK: Final = 1 << 16
PIPE_SIZE: Final = 1 << 20
"""The most that a pipe holds, unless root raised it (pipe(7), pipe-max-size)."""


class Stream:
    """Passes the lines of a pipe on to the console; waits while the console is full."""

    def __init__(self, pipe: IO[bytes], console: Console, name: str, *, error: bool) -> None:
        self._pipe = pipe
        self._console = console
        self._name = name
        self._error = error
        self._lines = Lines()
        self._reading = False
        os.set_blocking(pipe.fileno(), False)
        self.resume()

    def resume(self) -> None:
        """Go on reading."""
        if not self._reading and not self._pipe.closed:
            asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._on_readable)
            self._reading = True

    def drain(self) -> None:
        """Pass on what stands in the pipe now, such as the last words of a process that ended."""
        for _ in range(PIPE_SIZE // CHUNK):
            if self._pipe.closed or not self._read():
                return

    def close(self) -> None:
        """Pass on the last line even if it has no end, and stop reading."""
        if not self._pipe.closed:
            self._pause()
            self._pipe.close()
            self._console.write(self._name, self._lines.finish(), error=self._error)

    def _on_readable(self) -> None:
        self._read()
        if self._console.full:
            self._pause()

    def _read(self) -> bool:
        try:
            data = os.read(self._pipe.fileno(), CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        self._console.write(self._name, self._lines.feed(data), error=self._error)
        return True

    def _pause(self) -> None:
        if self._reading:
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._reading = False
