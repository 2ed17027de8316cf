"""What all lockfile readers refuse, in one place and in the same words.

A lockfile pins files by their digests; what comes from elsewhere is not pinned by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hop3_nix.errors import LockError
    from hop3_nix.locks.base import Place


def from_repository(
    name: str, place: Place, *, kind: str = "Git", where: str = "", tip: str = ""
) -> LockError:
    """Return the error for a package that is a commit of a repository."""
    which = f" ({where})" if where else ""
    return place.error(
        f"{name} comes from a {kind} repository{which}, which no hash of a file pins",
        tip=tip or f"Publish {name}, or lock it from an archive: its https address.",
    )


def from_tree(name: str, path: str, place: Place) -> LockError:
    """Return the error for a package that is a directory beside the application's own code."""
    return place.error(
        f"{name} is a part of the tree ({path}), which is not supported",
        tip=f"Publish {name}, or make it a package of the app itself.",
    )


def from_subdirectory(name: str, place: Place) -> LockError:
    """Return the error for a package that is only a part of what is fetched."""
    return place.error(
        f"{name} is a subdirectory of an archive, which is not supported",
        tip=f"Publish {name} as an archive of its own.",
    )


def from_file(name: str, path: str, place: Place) -> LockError:
    """Return the error for a package that is a file of whoever locked it."""
    return place.error(
        f"{name}: {path} is a local file, which is not supported",
        tip="Lock it from an index, or from an https address.",
    )


def not_for(target: object, place: Place, *, tip: str) -> LockError:
    """Return the error for a lockfile that was made for other platforms."""
    return place.error(f"the lockfile is not for {target}", tip=tip)


def not_locked(wanted: object, file: str, place: Place, *, tip: str) -> LockError:
    """Return the error for a package that is required and not in the lockfile."""
    return place.error(f"{wanted} is required, and {file} does not have it", tip=tip)
