"""How much a source may be, told before a file of it is read. Standard library only."""

from __future__ import annotations

import os
import stat
from collections import Counter
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOP3_IGNORE: Final = ".hop3ignore"
"""Where an application says what of its tree is not part of it."""

LEAVE_OUT: Final = f"Remove it, or leave it out with a line in {HOP3_IGNORE}."

LIMIT: Final = "HOP3_NIX_MAX_SOURCE_SIZE"
"""The variable by which the caller sets another limit: bytes, or with K, M or G; 0 is none."""

FILES_LIMIT: Final = "HOP3_NIX_MAX_SOURCE_FILES"
"""The same for the number of files."""

_MOST: Final = 2 << 30
_MOST_FILES: Final = 200_000
_SPARSE_FROM: Final = 64 << 20
"""Bytes from which on it matters; smaller files with holes are as good as any."""

_HOLES: Final = 16
"""How many times its blocks a file may be. No file system compresses data so well."""

_BLOCK: Final = 512
_UNITS: Final = {"": 0, "K": 10, "M": 20, "G": 30}
_KIB: Final = 1024
_NAMED: Final = 3


def require_moderate(files: Mapping[str, os.stat_result]) -> None:
    """Raise SourceError for a file that is next to nothing but holes, or if all are too much."""
    _require_few(files)
    limit = _limit()
    sizes = {name: found.st_size for name, found in files.items() if stat.S_ISREG(found.st_mode)}
    if not limit:
        return
    for name, size in sizes.items():
        if size > _SPARSE_FROM and size > files[name].st_blocks * _BLOCK * _HOLES:
            raise SourceError(
                f"is sparse: {shown(size)}, of which {shown(files[name].st_blocks * _BLOCK)} are "
                "on the disk; a copy of it would be all of that",
                file=name,
                tip=LEAVE_OUT,
            )
    total = sum(sizes.values())
    if total > limit:
        largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:_NAMED]
        raise SourceError(
            f"the source has {shown(total)}, and {shown(limit)} is the most that is built from; "
            f"the largest: {', '.join(f'{name} ({shown(sizes[name])})' for name in largest)}",
            file=largest[0],
            tip=f"Leave files out with lines in {HOP3_IGNORE}, or allow more: {LIMIT}=8G",
        )


def _require_few(files: Mapping[str, os.stat_result]) -> None:
    most = _number_in(FILES_LIMIT, _MOST_FILES, "files")
    if most and len(files) > most:
        counts = Counter(name.partition("/")[0] for name in files)
        (largest, number), *_ = counts.most_common(1)
        raise SourceError(
            f"the source has {len(files)} files, and {most} are the most that is built from; "
            f"{number} of them are here",
            file=largest,
            tip=f"Leave files out with lines in {HOP3_IGNORE}, or allow more: {FILES_LIMIT}=1M",
        )


def shown(size: int) -> str:
    """Return ``size``, in bytes, as people write it."""
    number = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if number < _KIB:
            return f"{number:.4g} {unit}"
        number /= _KIB
    return f"{number:.4g} TiB"


def _limit() -> int:
    return _number_in(LIMIT, _MOST, "bytes")


def _number_in(variable: str, usual: int, what: str) -> int:
    said = os.environ.get(variable, "")
    if not said:
        return usual
    number, unit = said.rstrip("KMG"), said[len(said.rstrip("KMG")) :]
    if not number.isascii() or not number.isdigit() or unit not in _UNITS:
        raise SourceError(
            f"{variable} is {said!r}, which is no number of {what}",
            tip=f"Write it like this: {variable}=8G",
        )
    return int(number[:15]) << _UNITS[unit]
