"""Finish or undo what an interrupted command has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.deploy.configuration import read_environment, write_environment
from hop3_nix.deploy.releases import generations, journal
from hop3_nix.deploy.releases.collect import remove_app
from hop3_nix.deploy.releases.convergence import (
    converge,
    converge_to_nothing,
    converge_to_stopped,
)
from hop3_nix.deploy.releases.record import (
    RECORD,
    current_release,
    failure,
    mark_failed,
    read_release,
)
from hop3_nix.errors import ServiceError
from hop3_nix.files.atomic import replace_symlink

if TYPE_CHECKING:
    from hop3_nix.deploy.releases.journal import Transition
    from hop3_nix.deploy.releases.record import Release
    from hop3_nix.deploy.releases.stage import Stage


def recover(stage: Stage) -> None:
    """Bring the app out of what an interrupted command has left: forward if it had committed.

    Nothing is done if none was interrupted. A release that does not come up is no error here,
    because the command that follows may be the one that replaces it.
    """
    left = journal.under_way(stage.place)
    if left is None:
        return
    for path in stage.place.directory.glob(".*"):  # what a write that was cut short has left
        path.unlink()
    stage.say(f"a command ({left.kind}) was interrupted before its end; {stage.app} is put right")
    try:
        _bring(stage, left)
    except ServiceError as error:
        stage.say(f"{stage.app} does not come up: {error}")
    if stage.place.directory.exists():
        journal.end(stage.place)


def commit(stage: Stage, release: Release) -> None:
    """Make ``release`` the one that serves from now on, whatever happens."""
    replace_symlink(stage.place.current, stage.place.release(release.number))


def take_over(stage: Stage, release: Release) -> None:
    """Do what follows from a commit: the app runs, with the variables of ``release``."""
    stage.place.stopped.unlink(missing_ok=True)
    variables = read_environment(release.secrets(stage.place))
    write_environment(stage.place.environment, variables)


def go_back(stage: Stage, release: Release | None, failed: Release | None) -> None:
    """Have ``release`` serve again, None for nothing; ``failed`` is what did not come up.

    Raises ServiceError if it does not come up either.
    """
    place = stage.place
    if release is None:
        place.current.unlink(missing_ok=True)
        converge_to_nothing(stage)
        generations.show_none(place)
        if failed is not None:
            generations.unmark(place, failed.located(place).location)
        return
    generations.take(place, release.located(place).location)
    if place.stopped.exists():
        converge_to_stopped(stage, release, other=failed)
    else:
        converge(stage, release, other=failed)


def _bring(stage: Stage, left: Transition) -> None:
    place = stage.place
    if left.kind == "destroy":
        remove_app(stage)
        return
    current, new = current_release(place), _read(stage, left.release)
    if left.kind != "release" or new is None or current is None or current.number != new.number:
        _undo(stage, left, current, new)
        return
    try:
        take_over(stage, new)
        converge(stage, new, other=_read(stage, left.replaces))
    except ServiceError as error:
        old = _read(stage, left.replaces)
        if old is None:
            raise
        stage.say(f"release {new.number} does not come up: {error}")
        replace_symlink(place.current, place.release(old.number))
        take_over(stage, old)
        _undo(stage, left, old, new)
    else:
        stage.say(f"release {new.number} had come up, and serves")


def _undo(stage: Stage, left: Transition, current: Release | None, new: Release | None) -> None:
    """Have ``current`` serve as before; release ``left.release``, if any, did not come up."""
    if left.release is not None and not failure(stage.place, left.release):
        mark_failed(stage.place, left.release, "interrupted")
    go_back(stage, current, new)
    if current is not None:
        how = "is stopped, as it was" if stage.place.stopped.exists() else "serves"
        stage.say(f"release {current.number} {how}")


def _read(stage: Stage, number: int | None) -> Release | None:
    if number is None or not (stage.place.release(number) / RECORD).exists():
        return None
    return read_release(stage.place, number)
