# ruff: noqa: INP001 - a program that Nix runs by its path
"""``keep_target.py TARGET [REST]``: leave in cargo's TARGET what it was built for.

That are programs and libraries, which stand at the top of each profile's directory, as in
target/release. All else is what cargo has for the next time, and becomes REST.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_FINGERPRINTS: Final = ".fingerprint"
"""What each profile's directory has, whatever it is called."""


def programs(target: Path) -> Iterator[Path]:
    """Yield what is to be kept, relative to ``target``."""
    for known in sorted((*target.glob(f"*/{_FINGERPRINTS}"), *target.glob(f"*/*/{_FINGERPRINTS}"))):
        for file in sorted(known.parent.iterdir()):
            is_made = os.access(file, os.X_OK) or file.suffix in {".so", ".a", ".wasm"}
            if file.is_file() and is_made and not file.name.startswith("."):
                yield file.relative_to(target)


def main(directory: str, rest: str = "") -> None:
    """Keep them."""
    target = Path(directory)
    if not target.exists():
        return
    kept = Path(tempfile.mkdtemp(prefix=".target-", dir=target.parent))
    for file in programs(target):
        (kept / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(target / file, kept / file)
    if rest:
        target.rename(rest)
    else:
        shutil.rmtree(target)
    kept.chmod(0o755)
    kept.rename(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
