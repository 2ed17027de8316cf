"""The time after a takeover in which the release before it could still take over again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.questions import Question
from hop3_nix.deploy.releases.convergence import checks_of
from hop3_nix.errors import ServiceError

if TYPE_CHECKING:
    from hop3_nix.deploy.health import Watch
    from hop3_nix.deploy.questions import Check
    from hop3_nix.deploy.releases.record import Release
    from hop3_nix.deploy.releases.stage import Stage

EVERY: Final = 0.2
"""Seconds between two looks."""

PATIENCE: Final = 4.0
"""Seconds that an answer may take which has come before."""

IN_A_ROW: Final = 2
"""So many questions have to fail: one may have met a busy moment."""

FEW: Final = 3
"""Answers that have failed, before the time is up, until they say something."""

FIRST_ERROR: Final = 500


class _Asked:
    """One web instance, asked again and again what it was asked before it took over."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._question = Question(check, PATIENCE)
        self._failed = 0

    def look(self) -> None:
        """Raise ServiceError if it has not answered well for too often."""
        if self._question.is_alive():
            return
        problem = self._question.answer.problem
        self._failed = self._failed + 1 if problem else 0
        if self._failed >= IN_A_ROW:
            raise ServiceError(f"{self._check.label} {problem}, after it had taken over")
        self._question = Question(self._check, PATIENCE)


def keep_warm(stage: Stage, release: Release, watched: Watch) -> None:
    """Return after the time in which ``release`` is watched as it answers for the one before it.

    Raises ServiceError if one of its processes ends, or it answers what its clients ask with
    errors of its own, or not at all.
    """
    seconds = release.settings.warm
    asked = [_Asked(check) for check in checks_of(stage, release, release.web) if check.path]
    behind_proxy = stage.processes(release).site() is not None
    since = stage.proxy.now() if behind_proxy else 0
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(EVERY, left))
        watched.look()
        for one in asked:
            one.look()
        if behind_proxy:
            _look_at_answers(stage, release, since, few=FEW if left > EVERY else 1)


def _look_at_answers(stage: Stage, release: Release, since: int, *, few: int) -> None:
    """Raise ServiceError if half of the answers, and ``few`` at least, are errors or none."""
    statuses = stage.proxy.answers(release.ports, since)
    errors = [status for status in statuses if status >= FIRST_ERROR]
    if len(errors) >= few and 2 * len(errors) >= len(statuses):
        raise ServiceError(
            f"{len(errors)} of {len(statuses)} requests were answered with {errors[-1]} "
            "after it had taken over"
        )
