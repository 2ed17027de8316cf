"""Write to a terminal, pipe or file without ever waiting for whoever reads it."""

from __future__ import annotations

import asyncio
import os
import select
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE: Final = select.PIPE_BUF
"""Bytes that a pipe which is ready surely takes at once (pipe(7))."""

FULL: Final = 4 << 20
"""Bytes waiting above which nothing more should be given."""


class Sink:
    """A queue in front of a descriptor; ``changed`` is called when it was drained or broke."""

    def __init__(self, descriptor: int, changed: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._changed = changed
        self._queue: deque[memoryview] = deque()
        self._waiting = 0
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self._watched = False
        self.broken = False

    @property
    def empty(self) -> bool:
        """Return whether all that was given has been written."""
        return not self._queue

    @property
    def full(self) -> bool:
        """Return whether the reader lags so far behind that its writers should wait."""
        return self._waiting > FULL

    def write(self, data: bytes) -> None:
        """Write ``data`` as soon as its reader takes it; dropped when there is no reader."""
        if data and not self.broken:
            self._queue.append(memoryview(data))
            self._waiting += len(data)
            if not self._watched:
                self._flush()

    def _flush(self) -> None:
        try:
            while self._queue and self._ready():
                written = os.write(self._descriptor, self._queue[0][:PIECE])
                self._waiting -= written
                if written < len(self._queue[0]):
                    self._queue[0] = self._queue[0][written:]
                else:
                    self._queue.popleft()
        except BlockingIOError:
            pass
        except OSError:
            self.broken = True
            self._queue.clear()
            self._waiting = 0
        self._watch(wanted=not self.empty)
        if self.empty:
            self._changed()

    def _ready(self) -> bool:
        return bool(self._poll.poll(0))

    def _watch(self, *, wanted: bool) -> None:
        if wanted == self._watched:
            return
        loop = asyncio.get_running_loop()
        if wanted:
            loop.add_writer(self._descriptor, self._flush)
        else:
            loop.remove_writer(self._descriptor)
        self._watched = wanted
