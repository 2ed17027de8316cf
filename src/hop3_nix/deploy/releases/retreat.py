"""What follows when a release does not come up."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hop3_nix.deploy.releases import journal
from hop3_nix.deploy.releases.layout import ANOTHER_ROOT
from hop3_nix.deploy.releases.record import RECORD, mark_failed, read_release
from hop3_nix.deploy.releases.recovery import go_back
from hop3_nix.errors import AppDownError, Hop3NixError, ReleaseFailedError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.state import cannot_write

if TYPE_CHECKING:
    from hop3_nix.deploy.releases.record import Release
    from hop3_nix.deploy.releases.stage import Stage

LOG = "log"
"""The last lines that a failed release printed: its services are forgotten."""

LOG_LINES = 1000


def retreat(stage: Stage, old: Release | None, number: int, error: BaseException) -> BaseException:
    """Have ``old`` serve again instead of release ``number``, and return what to tell of it.

    That is ReleaseFailedError or AppDownError for an error that a user can meet, and ``error``
    itself for an interrupt or a defect. What cannot be undone now, the next command undoes.
    """
    place = stage.place
    written = (place.release(number) / RECORD).exists()
    failed = read_release(place, number) if written else None
    untouched = old is not None and _runs(stage, old)
    if isinstance(error, OSError):
        error = cannot_write(error, str(place.directory), tip=ANOTHER_ROOT)
    why = f"{error}" or type(error).__name__
    marked = False
    with suppress(OSError):  # a full disk must not keep the app from what follows
        _keep_log(stage, failed)
        mark_failed(place, number, why)
        marked = True
    try:
        go_back(stage, old, failed)
        then = _outcome(stage, old, untouched=untouched)
        down = old is None or place.stopped.exists()
        if marked:  # otherwise the next command does that, and ends it
            journal.end(place)
    except (Hop3NixError, OSError) as second:
        before = f"release {old.number}" if old else "what it had left"
        then = f"{before} could not be put right either: {second}"
        down = old is None or not _serves(stage, old)
        if not down:
            then += "; its web runs"
    if not isinstance(error, Hop3NixError):
        stage.say(f"release {number} was given up; {then}")
        return error
    kind = AppDownError if down else ReleaseFailedError
    return kind(f"release {number} of {stage.app} did not come up: {why}; {then}", tip=error.tip)


def _outcome(stage: Stage, old: Release | None, *, untouched: bool) -> str:
    if old is None:
        return "there was no release before it, and nothing runs"
    if stage.place.stopped.exists():
        return f"release {old.number} is stopped, as it was"
    how = "never stopped, and serves" if untouched else "was started again, and serves"
    return f"release {old.number} {how}"


def _runs(stage: Stage, release: Release) -> bool:
    """Return whether every service of ``release`` is running at this moment."""
    names = stage.processes(release).names()
    try:
        return all(one.state == "running" for one in stage.services.status(names).values())
    except Hop3NixError:
        return False


def _serves(stage: Stage, release: Release) -> bool:
    """Return whether what clients ask of ``release`` runs, though other things do not."""
    names = stage.processes(release).names(release.web)
    try:
        states = [one.state for one in stage.services.status(names).values()]
    except Hop3NixError:
        return False
    return all(state == "running" for state in states)


def _keep_log(stage: Stage, failed: Release | None) -> None:
    if failed is None:
        return
    names = stage.processes(failed).names()
    try:
        lines = [
            f"{name} | {line}\n"
            for name, line in stage.services.logs(names, lines=LOG_LINES, follow=False)
        ]
    except Hop3NixError:
        return
    write_text_atomic(stage.place.release(failed.number) / LOG, "".join(lines), mode=0o600)
