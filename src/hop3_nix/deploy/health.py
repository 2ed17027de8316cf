"""Whether what was started answers, or at least stays up, for as long as anybody waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.questions import LONGEST_ANSWER, Question
from hop3_nix.deploy.whose import another_port, not_its_own, not_only_here, where_instead
from hop3_nix.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hop3_nix.deploy.questions import Check
    from hop3_nix.deploy.services.base import Services, ServiceStatus

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.2
"""Seconds between two looks; each is longer than the one before it."""

SURE: Final = 3.0
"""Seconds after which an application that goes on answering that it has failed is believed."""

TAIL: Final = 20
"""Lines of a service's log that are shown when it does not come up."""


@dataclass
class _Watched:
    """One service, and how far it has come."""

    check: Check
    restarts: int
    """How often it had been started again when the watch began."""
    pid: int | None = None
    since: float = 0.0
    """When it was first seen running, as this process."""
    question: Question | None = None
    problem: str = ""
    errors_since: float = 0.0
    good: bool = False


class Watch:
    """The services of a release, from their start until the release has taken over.

    Whatever was waited for once is looked at again whenever anything is: a web that has answered
    and ends is a failure for as long as others are waited for.
    """

    def __init__(
        self,
        services: Services,
        *,
        timeout: float,
        stays_up: float,
        restarts: int = 0,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """``restarts`` is how often each may be started again before it is given up."""
        self._services = services
        self._timeout = timeout
        self._stays_up = stays_up
        self._restarts = restarts
        self._say = say
        self._watched: dict[str, _Watched] = {}

    def wait(self, checks: Sequence[Check]) -> None:
        """Return when ``checks`` and all that was waited for before are as expected.

        One with a path has to answer on it, one with a port to accept connections, and by sockets
        of its own. Those without a path then have to run on for ``stays_up`` seconds. Raises
        ServiceError when one has ended, or is not so within ``timeout`` seconds; the tip is the
        end of its log.
        """
        deadline = time.monotonic() + self._timeout
        # Of one that is new each start but the first counts; one that runs may have had some.
        now = self._services.status([check.name for check in checks]) if self._restarts else {}
        for check in checks:
            restarts = now[check.name].restarts if now else 0
            self._watched[check.name] = _Watched(check, restarts)
        pause = FIRST_PAUSE
        while not self._look(deadline):
            time.sleep(pause)
            pause = min(pause * 1.2, LONGEST_PAUSE)

    def look(self) -> None:
        """Raise ServiceError if anything that was waited for has ended or was started again."""
        self._look(time.monotonic() + self._timeout)

    def _look(self, deadline: float) -> bool:
        now = self._services.status(list(self._watched))
        good = [self._is_good(one, now[name], deadline) for name, one in self._watched.items()]
        return all(good)

    def _is_good(self, one: _Watched, status: ServiceStatus, deadline: float) -> bool:
        """Return whether the service is as expected. Raises ServiceError if it cannot be."""
        self._refuse_ended(one, status)
        problem = "" if status.state == "running" else "did not start"
        if not problem and one.pid != status.pid:
            one.pid, one.since, one.good = status.pid, time.monotonic(), False
        if one.good:
            return True
        problem = problem or self._not_answering(one, deadline)
        if problem and time.monotonic() > deadline:
            instead = where_instead(self._services, one.check)
            raise self._failed(one.check, f"{problem} within {self._timeout:g} s{instead}")
        runs_on = one.check.path or time.monotonic() - one.since >= self._stays_up
        one.good = not problem and bool(runs_on)
        return one.good

    def _refuse_ended(self, one: _Watched, status: ServiceStatus) -> None:
        again = status.restarts - one.restarts
        match status.state:
            case "absent":
                raise self._failed(one.check, "is not known to the service manager")
            case "stopped" | "failed" | "stopping":
                raise self._failed(one.check, _ended(status))
            case "starting" if not self._restarts:
                raise self._failed(one.check, _ended(status))
            case "running" if one.pid not in {None, status.pid} and not self._restarts:
                raise self._failed(one.check, f"{_ended(status)}, and was started again")
        if again and again >= self._restarts:
            raise self._failed(one.check, f"{_ended(status)}, {_times(again)}")

    def _not_answering(self, one: _Watched, deadline: float) -> str:
        """Return what is wrong with what the service answers, nothing if it will do."""
        check = one.check
        if check.port is None:
            return ""
        if one.question is None:
            patience = max(0.1, min(LONGEST_ANSWER, deadline - time.monotonic()))
            one.question = Question(check, patience)
            one.question.join(FIRST_PAUSE)
        if one.question.is_alive():
            return one.problem or one.question.answer.problem
        answer, one.question = one.question.answer, None
        one.problem = answer.problem or not_its_own(self._services, check)
        one.errors_since = (one.errors_since or time.monotonic()) if answer.error else 0.0
        if answer.error and not check.declared and time.monotonic() - one.errors_since > SURE:
            raise self._failed(check, f"{answer.problem}, and goes on so")
        if not one.problem and self._say and (wide := not_only_here(check)):
            self._say(wide)
        return one.problem

    def _failed(self, check: Check, problem: str) -> ServiceError:
        lines = [line for _, line in self._services.logs([check.name], lines=TAIL, follow=False)]
        said = "\n".join(lines) or f"{check.label} printed nothing."
        instead = "" if "listens on" in problem else another_port(check, lines)
        return ServiceError(f"{check.label} {problem}{instead}", tip=said)


def _ended(status: ServiceStatus) -> str:
    if status.status is None:
        return "ended"
    if status.status < 0:
        return f"was ended by signal {-status.status}"
    return f"ended with status {status.status}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
