"""Take away what is not needed any more: old releases, or a whole app."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hop3_nix.deploy.releases import generations, journal
from hop3_nix.deploy.releases.convergence import converge_to_nothing
from hop3_nix.deploy.releases.journal import Transition
from hop3_nix.deploy.releases.record import (
    RECORD,
    current_release,
    failure,
    numbers,
    read_release,
)
from hop3_nix.errors import ArtifactCorruptError

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.deploy.releases.record import Release
    from hop3_nix.deploy.releases.stage import Stage

SWEEP_TIMEOUT = 600.0
"""Seconds that the removal of copied trees may take."""


@dataclass(frozen=True)
class Collected:
    """What was taken away, and what is left."""

    releases: tuple[int, ...]
    kept: tuple[int, ...]
    generations: int
    """Generations of the Nix profile: Nix's own garbage collection may take their paths now."""


def collect(stage: Stage, keep: int) -> Collected:
    """Keep the releases of the ``keep`` newest artifacts, and take the others away.

    Of one artifact, the newest release is kept; those that did not come up are not. The release
    that serves is always kept, and so is the record with the highest number, so that no number
    is used again. Raises what Nix and the service manager say.
    """
    place = stage.place
    releases = [read_release(place, number) for number in numbers(place)]
    current = current_release(place)
    kept = _kept(stage, releases, current, keep)
    dropped = [release for release in releases if release not in kept]
    locations = {release.located(place).location for release in kept}
    trees = {release.tree for release in kept}
    swept = sorted({one.tree for one in dropped if one.tree is not None and one.tree not in trees})
    if current is not None and swept:
        service = stage.processes(current).remove_trees(swept)
        stage.services.run(service, timeout=SWEEP_TIMEOUT, line=stage.say)
    for release in dropped:
        if release.located(place).location not in locations:
            generations.unmark(place, release.located(place).location)
        # The record goes first: what is left of a release without one is nobody's.
        (place.release(release.number) / RECORD).unlink()
        shutil.rmtree(place.release(release.number))
    forgotten = generations.keep_only(place, locations) if locations else 0
    return Collected(
        tuple(one.number for one in dropped), tuple(one.number for one in kept), forgotten
    )


def destroy(stage: Stage, *, data: bool) -> Path:
    """Take the whole app away, and with ``data`` what it has written as well.

    Returns the directory of what it has written. Raises what the service manager and proxy say.
    """
    written = stage.services.state_directory(stage.app).resolve()
    stage.place.make()
    journal.begin(stage.place, Transition(kind="destroy"))
    remove_app(stage)
    if data and written.exists():
        shutil.rmtree(written)
    link = stage.services.state_directory(stage.app)
    if data and link.is_symlink():
        link.unlink()
    if not written.exists():
        # As long as its data is there, nothing from elsewhere gets it by the name alone.
        stage.place.origin.unlink(missing_ok=True)
        if stage.place.directory.exists() and not any(stage.place.directory.iterdir()):
            stage.place.directory.rmdir()
    return written


def remove_app(stage: Stage) -> None:
    """Remove all of the app but what it has written; repeated, it goes on where it stopped."""
    place = stage.place
    converge_to_nothing(stage)
    for number in numbers(place):
        with suppress(ArtifactCorruptError):  # the mark leads nowhere when the app is gone
            generations.unmark(place, read_release(place, number).located(place).location)
    place.current.unlink(missing_ok=True)
    generations.show_none(place)
    if place.releases.exists():
        shutil.rmtree(place.releases)
    for file in (place.environment, place.stopped, place.transition):
        file.unlink(missing_ok=True)
    if not any(place.directory.iterdir()):
        place.directory.rmdir()


def _kept(
    stage: Stage, releases: list[Release], current: Release | None, keep: int
) -> list[Release]:
    locations = [] if current is None else [current.artifact.location]
    kept = []
    for release in reversed(releases):
        here = release.artifact.location
        if release is releases[-1] or (current and release.number == current.number):
            kept.append(release)
        elif failure(stage.place, release.number):
            continue
        elif here not in locations and len(locations) < keep:
            locations.append(here)
            kept.append(release)
    return kept[::-1]
