"""A user of its own for each app that root runs: a number that the host's accounts leave free.

Which number is whose is written in one place for the whole machine, so that no two apps share one
whatever their roots: a link for each number, to the directory that the app writes to.
"""

from __future__ import annotations

import os
import pwd
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

from hop3_nix.errors import UnavailableError
from hop3_nix.files.atomic import replace_symlink
from hop3_nix.host.state import lock, writing_to

FIRST: Final = 60578
LAST: Final = 61183
"""What systemd's table of users and groups calls unused, below its own dynamic users."""

REGISTRY: Final = Path("/var/lib/hop3-users")

TIP: Final = "Run it as a user that there is: --user NAME"


def user_for(state: Path) -> int:
    """Return the number of the user that ``state`` belongs to, a new one if it has none yet.

    A number comes back when the directory it was for is gone, the one that was given last the
    last. Raises UnavailableError if all are taken, or it cannot be written down.
    """
    registry = REGISTRY
    with writing_to(registry, tip=TIP):
        registry.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock(registry / "lock", "the users of all apps"), writing_to(registry, tip=TIP):
        taken = {int(link.name): link.readlink() for link in registry.iterdir() if _counts(link)}
        for number, directory in taken.items():
            if directory == state:
                return number
        last = max(taken, default=LAST, key=lambda number: _given(registry, number))
        for number in chain(range(last + 1, LAST + 1), range(FIRST, last + 1)):
            if _is_free(number, taken.get(number)):
                replace_symlink(registry / str(number), state)
                return number
    raise UnavailableError(
        f"every user from {FIRST} to {LAST} has an app already",
        tip=f"Destroy apps that are not needed, with their data, or name a user: --user NAME "
        f"({registry} says which app has which).",
    )


def app_of(number: int) -> str:
    """Return the app that user ``number`` was given to, "" if it is none of these."""
    link = REGISTRY / str(number)
    if not (FIRST <= number <= LAST and link.is_symlink()):
        return ""
    state = link.readlink()
    return state.parent.name if state.name == "state" else state.name


def is_mapped(uid: int) -> bool:
    """Return whether there is a user ``uid`` in this user namespace (user_namespaces(7))."""
    with suppress(OSError):
        for line in Path("/proc/self/uid_map").read_text().splitlines():
            first, _, count = map(int, line.split())
            if first <= uid < first + count:
                return True
    return False


def _counts(link: Path) -> bool:
    return link.name.isdigit() and link.is_symlink()


def _given(registry: Path, number: int) -> int:
    return (registry / str(number)).lstat().st_mtime_ns


def _is_free(number: int, directory: Path | None) -> bool:
    if directory is not None and os.path.lexists(directory):
        return False
    with suppress(KeyError):
        pwd.getpwuid(number)
        return False
    return directory is None or not _has_processes(number)


def _has_processes(number: int) -> bool:
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == number:
                return True
    return False
