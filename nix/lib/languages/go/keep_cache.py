# ruff: noqa: INP001 - a program that Nix runs by its path
"""``keep_cache.py CACHE OUT [KNOWN]``: keep in OUT what Go's CACHE has and KNOWN has not.

An entry says when it was made, in as many characters for any time; here it never was.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Final

_TIME: Final = re.compile(rb" +\d+\n\Z")


def settled(entry: bytes) -> bytes:
    """Return an entry of the index with the time 1, as long as it was."""
    return _TIME.sub(lambda found: b"1\n".rjust(len(found[0])), entry)


def main(cache: str, out: str, known: str = "") -> None:
    """Copy it; the files at the top are of the cache itself."""
    for file in sorted(Path(cache).glob("*/*")):
        name = file.relative_to(cache)
        if known and Path(known, name).exists():
            continue
        kept = Path(out, name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if name.name.endswith("-a"):
            kept.write_bytes(settled(file.read_bytes()))
        elif file.is_file():
            shutil.copyfile(file, kept)
    Path(out).mkdir(exist_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
