"""A view of the Nix store of which nothing is kept, so that a first build can be had again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.running import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATABASE: Final = Path("var/nix/db/db.sqlite")
_SETUP: Final = """
set -euo pipefail
mount -t overlay overlay -o "lowerdir=/nix,upperdir=$1/upper,workdir=$1/work" /nix
echo ready
read -r _
"""


def why_not() -> str:
    """Return what keeps this user from having a view of its own, nothing if it can."""
    if os.environ.get("NIX_REMOTE") or not os.access("/nix/var/nix/db", os.W_OK):
        return "the Nix store is a daemon's, which is outside of any view of ours"
    argv = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


@contextmanager
def private_store(directory: Path) -> Iterator[tuple[str, ...]]:
    """Give the front of commands that have one view in common, which is gone afterwards.

    They find what the store has; what they add is in ``directory`` for as long.
    Raises CommandError.
    """
    (directory / "work").mkdir(parents=True)
    _copy_database(directory / "upper" / _DATABASE)
    holder = subprocess.Popen(
        ["unshare", "--mount", "bash", "-c", _SETUP, "bash", directory],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if not (holder.stdout and holder.stdout.readline()):
            raise CommandError(f"there is no view of the store: {why_not() or 'see above'}")
        yield ("nsenter", f"--mount=/proc/{holder.pid}/ns/mnt")
    finally:
        holder.communicate("\n")
        shutil.rmtree(directory)


def _copy_database(copy: Path) -> None:
    """Copy Nix's database to ``copy``, which others may be writing to."""
    copy.parent.mkdir(parents=True)
    # Or the journal of the real one would be seen beside it.
    os.setxattr(copy.parent, "trusted.overlay.opaque", b"y")
    real = Path("/nix") / _DATABASE
    shutil.copy(real.with_name("schema"), copy.parent)
    with (
        closing(sqlite3.connect(f"file:{real}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    copy.chmod(real.stat().st_mode & 0o777)
