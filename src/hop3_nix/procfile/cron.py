"""The schedule in front of a cron worker's command, with the file and line of what is wrong."""

from __future__ import annotations

from hop3_nix.errors import ConfigError
from hop3_nix.workers.cron import CronError, split_schedule


def check_schedule(text: str, *, file: str, line: int | None) -> str:
    """Return the command behind the schedule that ``text`` begins with. Raises ConfigError."""
    return scheduled("", text, file=file, line=line)[1]


def scheduled(told: str, text: str, *, file: str, line: int | None) -> tuple[str, str]:
    """Return the schedule that ``text`` begins with, in numbers, and the command behind it.

    ``told`` says what made it a schedule. Raises ConfigError.
    """
    try:
        schedule, command = split_schedule(text)
    except CronError as error:
        why = f", and {told} means that a schedule comes first" if told else ""
        raise ConfigError(f"{error.what}{why}", file=file, line=line, tip=error.tip) from error
    return schedule.text, command
