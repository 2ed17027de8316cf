"""The output of many workers as one stream of whole lines, each with its worker's name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.sink import Sink
from hop3_nix.text.printable import for_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

OURS: Final = "hop3"
"""The name in front of what the supervisor itself says."""

COLOURS: Final = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
"""Foreground colours (ECMA-48, SGR), given to the workers in turn."""

BOLD: Final = 1


class Console:
    """Writes lines to standard output and standard error, never part of one."""

    def __init__(
        self,
        names: Iterable[str],
        changed: Callable[[], None],
        *,
        environ: Mapping[str, str] = os.environ,
        descriptors: tuple[int, int] = (1, 2),
        notice: Callable[[bytes], str] = lambda _line: "",
    ) -> None:
        """``notice`` is asked for what is to be said because of a line, if anything is."""
        self._notice = notice
        names = [*names, OURS]
        self._width = max(map(len, names))
        self._colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names[:-1])}
        out, err = descriptors
        first = Sink(out, changed)
        # One queue for what is one file, or a long line of one would stand within the other's.
        shared = os.path.sameopenfile(out, err)
        self._sinks = (first, first if shared else Sink(err, changed))
        self._terminals = (os.isatty(out), os.isatty(err))
        self._coloured = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"

    @property
    def empty(self) -> bool:
        """Return whether all that was given has been written."""
        return all(sink.empty for sink in self._sinks)

    @property
    def full(self) -> bool:
        """Return whether workers should wait with more output."""
        return any(sink.full for sink in self._sinks)

    @property
    def broken(self) -> bool:
        """Return whether nobody reads the output any more."""
        return self._sinks[0].broken

    def write(self, name: str, lines: list[bytes], *, error: bool = False) -> None:
        """Write ``lines`` of worker ``name`` to standard output or standard error."""
        prefix = self._prefix(name, error=error)
        shown = map(self._for_terminal, lines) if self._terminals[error] else lines
        self._sinks[error].write(b"".join(prefix + line + b"\n" for line in shown))
        if name != OURS:
            for text in filter(None, map(self._notice, lines)):
                self.say(f"{name}: {text}")

    def say(self, text: str) -> None:
        """Write a line of the supervisor's own to standard error."""
        lines = text.encode(errors="surrogateescape").split(b"\n")
        self.write(OURS, lines, error=True)

    def _prefix(self, name: str, *, error: bool) -> bytes:
        text = f"{name:<{self._width}} | "
        if not (self._coloured and self._terminals[error]):
            return text.encode()
        return f"\x1b[{self._colours.get(name, BOLD)}m{text}\x1b[0m".encode()

    def _for_terminal(self, line: bytes) -> bytes:
        """Return ``line`` with what could upset a terminal made visible instead."""
        text = line.decode(errors="backslashreplace")
        return for_terminal(text, colours=self._coloured).encode()
