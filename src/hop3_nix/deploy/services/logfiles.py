"""The ends of log files that are rotated by somebody else, and what is added to them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, BinaryIO, Final

from hop3_nix.text.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

CHUNK: Final = 1 << 16

EVERY: Final = 0.2
"""Seconds between two looks at files that are followed."""

KEPT: Final = 50
"""Logs of services that were removed, unless another number is given."""


def tail(path: Path, lines: int) -> list[str]:
    """Return the last ``lines`` lines, of the older parts path.1, path.2 … too if need be."""
    found: list[bytes] = []
    part, number = path, 0
    while len(found) < lines and part.exists():
        found = _last(part, lines - len(found)) + found
        number += 1
        part = path.with_name(f"{path.name}.{number}")
    return [line.decode(errors="replace") for line in found]


def read(
    paths: Mapping[str, Path], *, lines: int, follow: bool, every: float = EVERY
) -> Iterator[tuple[str, str]]:
    """Yield (name, line): the last ``lines`` of each file, then new lines without end if asked."""
    followed = {name: _Followed(path) for name, path in paths.items()} if follow else {}
    for name, path in paths.items():
        yield from ((name, line) for line in tail(path, lines))
    try:
        while followed:
            for name, file in followed.items():
                yield from ((name, line.decode(errors="replace")) for line in file.new())
            time.sleep(every)
    finally:
        for file in followed.values():
            file.close()


def forget_old(directory: Path, known: Callable[[str], bool], *, keep: int = KEPT) -> None:
    """Remove all but the newest ``keep`` logs in ``directory`` whose name is not ``known``."""
    if directory.is_dir():
        logs = sorted(directory.iterdir(), key=lambda path: -path.stat().st_mtime)
        gone = [path for path in logs if not known(path.name.partition(".log")[0])]
        for path in gone[keep:]:
            path.unlink(missing_ok=True)


class _Followed:
    """A log file, from its end as it is now on, through rotations."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = Lines()
        self._stream = _open(path)
        if self._stream is not None:
            self._stream.seek(0, os.SEEK_END)

    def new(self) -> list[bytes]:
        """Return the whole lines that were added since the last call."""
        now = _open(self._path)
        if now is None:
            return self._rest()
        if self._stream is not None and os.path.sameopenfile(self._stream.fileno(), now.fileno()):
            now.close()
            return self._rest()
        found = self._rest()
        self.close()
        self._stream = now
        return found + self._rest()

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()

    def _rest(self) -> list[bytes]:
        found: list[bytes] = []
        while self._stream is not None and (data := self._stream.read(CHUNK)):
            found += self._lines.feed(data)
        return found


def _open(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _last(path: Path, lines: int) -> list[bytes]:
    """Return the last ``lines`` lines of one file, reading it from its end."""
    with path.open("rb") as stream:
        position = stream.seek(0, 2)
        data = b""
        while position > 0 and data.count(b"\n") <= lines:
            step = min(CHUNK, position)
            position = stream.seek(position - step)
            data = stream.read(step) + data
    found = data.removesuffix(b"\n").split(b"\n") if data else []
    return found[-lines:]
