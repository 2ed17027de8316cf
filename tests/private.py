"""Commands in mounts of their own: what they find there is nobody else's."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

UNSHARE = ("unshare", "--mount")


def why_not() -> str:
    """Return what keeps this user from having mounts of its own, nothing if it can."""
    done = subprocess.run(
        [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip() if done.returncode else ""


def in_private(*setup: str, after: str = "") -> Sequence[str]:
    """Return the front of a command, before which lines of shell are run, and ``after`` it one.

    What the lines mount is seen by the command alone, and is gone when it has ended.
    """
    lines = ["set -euo pipefail", *setup, 'status=0; "$@" || status=$?', after, "exit $status"]
    return [*UNSHARE, "bash", "-c", "\n".join(lines), "bash"]


def small_disk(directory: Path, size: str) -> str:
    """Return the line that puts what ``directory`` has on a file system of ``size``."""
    at = shlex.quote(str(directory))
    return (
        f"saved=$(mktemp -d); mount --bind {at} $saved; mount -t tmpfs -o size={size} tmpfs {at}; "
        f"cp -a $saved/. {at}; umount $saved; rmdir $saved"
    )


def in_place_of(path: Path, other: Path) -> str:
    """Return the line that makes ``path`` show what ``other`` has."""
    return f"mount --bind {shlex.quote(str(other))} {shlex.quote(str(path))}"
