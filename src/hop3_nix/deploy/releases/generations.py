"""What keeps a release's artifact: a generation of the app's Nix profile, or a mark beside it."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.artifact import STORE
from hop3_nix.deploy.place import is_release
from hop3_nix.errors import UnavailableError
from hop3_nix.files.atomic import replace_symlink
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from hop3_nix.deploy.releases.layout import AppPlace

KEPT_BY: Final = "kept-by"
"""A directory beside the releases of a local build, with one for each of them: while a link in it
leads anywhere, the release is not pruned. Nothing is written into an artifact."""

GENERATION: Final = re.compile(r"-([0-9]+)-link$")


def take(place: AppPlace, location: Path) -> int | None:
    """Keep ``location``, make it what the profile shows, and return the generation's number.

    None for a local artifact, which is marked. Raises UnavailableError, and what Nix says.
    """
    if location.parent != STORE:
        _mark(place, location)
        return None
    found = [number for number, kept in _generations(place).items() if kept == location]
    if not found:
        nixcli.set_profile(place.profile, location)
    elif place.profile.readlink().name != f"{place.profile.name}-{found[-1]}-link":
        nixcli.switch_profile(place.profile, found[-1])
    return _number(place.profile.readlink())


def check(location: Path) -> None:
    """Raise UnavailableError if this user cannot keep ``location`` from being pruned."""
    marks = _marks(location)
    if marks and not os.access(marks.parents[1], os.W_OK):
        raise _unmarkable(location, "it is another user's")


def show_none(place: AppPlace) -> None:
    """Let the profile of an app that has no release show nothing, and keep nothing."""
    for path in (place.profile, *place.directory.glob(f"{place.profile.name}-*-link")):
        path.unlink(missing_ok=True)


def keep_only(place: AppPlace, locations: Collection[Path]) -> int:
    """Drop every generation that shows none of ``locations``; return how many there were."""
    dropped = [number for number, kept in _generations(place).items() if kept not in locations]
    if dropped:
        nixcli.delete_generations(place.profile, dropped)
    return len(dropped)


def unmark(place: AppPlace, location: Path) -> None:
    """Take the mark from a local artifact that ``place`` does not need any more."""
    if marks := _marks(location):
        _mark_of(place, marks).unlink(missing_ok=True)


def _mark(place: AppPlace, location: Path) -> None:
    marks = _marks(location)
    if marks is None:
        return
    try:
        replace_symlink(_mark_of(place, marks), place.directory)
    except OSError as error:
        raise _unmarkable(location, str(error.strerror)) from error


def _unmarkable(location: Path, reason: str) -> UnavailableError:
    return UnavailableError(
        f"the artifact cannot be marked as deployed: {reason}",
        file=str(location.parents[1] / KEPT_BY),
        tip="Without the mark, later builds would remove it. Deploy as its owner.",
    )


def _marks(location: Path) -> Path | None:
    """Return where the marks of a local build's release are; None for what nobody prunes."""
    return location.parents[1] / KEPT_BY / location.name if is_release(str(location)) else None


def _mark_of(place: AppPlace, marks: Path) -> Path:
    return marks / hashlib.sha256(os.fsencode(place.directory)).hexdigest()[:16]


def _generations(place: AppPlace) -> dict[int, Path]:
    """Return each generation's number and what it shows, in order."""
    links = place.directory.glob(f"{place.profile.name}-*-link")
    return dict(sorted((_number(link), link.readlink()) for link in links))


def _number(link: Path) -> int:
    match = GENERATION.search(link.name)
    assert match is not None  # noqa: S101 - Nix names them so
    return int(match[1])
