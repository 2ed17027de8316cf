"""Which package of Debian's has a file: the archive's own index of what its packages contain.

It is asked when something is missing, to tell the line of hop3.toml that brings it. The answer is a
hint: the packages themselves are fetched with digests from the signed indexes.
"""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Final, Protocol

from hop3_nix.errors import TemporaryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from hop3_nix.nix.missing import Missing

_BLOCK: Final = 1 << 22

_LARGEST: Final = 1 << 30
"""Bytes; the whole of Debian's has 170 million."""


class Archive(Protocol):
    """What `Apt` is to an index of files."""

    def contents_digest(self, suite: str) -> str:
        """Return what changes with the index."""

    def fetch_contents(self, suite: str, target: Path) -> None:
        """Fetch the index, compressed."""


class Contents:
    """The index of ``suite``, kept in ``directory`` for as long as the archive's is the same."""

    def __init__(self, directory: Path, suite: str, apt: Archive) -> None:
        self._directory = directory
        self._suite = suite
        self._apt = apt

    def packages_with(self, missing: Iterable[Missing], triple: str) -> dict[Missing, str]:
        """Return the package to name for each of ``missing`` that Debian has.

        Raises TemporaryError if the index cannot be had.
        """
        wanted = tuple(missing)
        if not wanted:
            return {}
        found: dict[Missing, tuple[int, int, str]] = {}
        worst = (9, 0, "")
        for path, packages in _lines(self._file(), [one.name for one in wanted]):
            for one in wanted:
                rank = one.rank(path, triple)
                if rank is None:
                    continue
                # Of several packages that have the same file, the index names the usual one first.
                name = packages[0].rpartition("/")[2]
                found[one] = min(found.get(one, worst), (rank, len(path), name))
        return {one: name for one, (_, _, name) in found.items()}

    def _file(self) -> Path:
        version = self._apt.contents_digest(self._suite)
        file = self._directory / f"contents-{self._suite}-{version[:16]}.gz"
        if not file.exists():
            for older in self._directory.glob(f"contents-{self._suite}-*.gz"):
                older.unlink()
            self._apt.fetch_contents(self._suite, file)
        return file


def _lines(file: Path, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield path and packages of the lines whose path ends with one of ``names``."""
    ends = [b"/" + name.encode() for name in sorted(set(names))]
    rest, read = b"", 0
    try:
        with gzip.open(file) as stream:
            while (block := stream.read(_BLOCK)) and read < _LARGEST:
                read += len(block)
                text, _, tail = (rest + block).rpartition(b"\n")
                for end in ends:
                    yield from _found(text + b"\n", end)
                rest = tail
    except (OSError, EOFError, zlib.error) as error:
        file.unlink(missing_ok=True)
        raise TemporaryError(
            "Debian's index of files cannot be read", file=str(file), tip="Try again."
        ) from error


def _found(text: bytes, end: bytes) -> Iterator[tuple[str, list[str]]]:
    # A search for the bare name is four times as fast as a regular expression over all lines.
    place = text.find(end)
    while place >= 0:
        if text[place + len(end)] in b" \t":
            line = text[text.rfind(b"\n", 0, place) + 1 : text.index(b"\n", place)]
            path, packages = line.decode(errors="replace").rsplit(None, 1)
            yield path, packages.split(",")
        place = text.find(end, place + 1)
