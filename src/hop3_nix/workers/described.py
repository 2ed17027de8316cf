"""``hop3/workers.json``: what each worker of an artifact is, for whoever starts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .cron import split_schedule
from .kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .kind import Kind

FILE: Final = "hop3/workers.json"
FORMAT: Final = 1


@dataclass(frozen=True)
class Worker:
    """One worker. Of a ``static`` one, ``command`` is a directory."""

    kind: Kind
    command: str
    argv: tuple[str, ...] = ()
    """The words of the command where they are plain; empty where it takes a shell to read it."""
    schedule: str = ""
    calendars: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON has it, without what says nothing."""
        data = {
            "kind": self.kind,
            "command": self.command,
            "argv": list(self.argv),
            "schedule": self.schedule,
            "calendars": list(self.calendars),
        }
        return {name: value for name, value in data.items() if value}


def describe(name: str, text: str) -> Worker:
    """Return what worker ``name`` is, whose text in runtime.json is ``text``. Raises CronError."""
    kind = kind_of(name)
    if kind != "cron":
        return Worker(kind, text)
    schedule, command = split_schedule(text)
    return Worker(kind, command, schedule=schedule.text, calendars=schedule.calendars)


def describe_all(texts: Mapping[str, str]) -> dict[str, Worker]:
    """Return what the workers of runtime.json are, by name. Raises CronError."""
    return {name: describe(name, text) for name, text in texts.items()}
