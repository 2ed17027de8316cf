"""What runtime.json says of a worker, in parts."""

from __future__ import annotations

from hop3_nix.errors import InputError
from hop3_nix.workers.cron import CronError
from hop3_nix.workers.described import describe


def split_schedule(worker: str, command: str) -> tuple[str, str]:
    """Return (schedule, command line); the schedule is "" for what is not a cron worker.

    Raises InputError for a schedule that is none.
    """
    try:
        said = describe(worker, command)
    except CronError as error:
        raise InputError(
            f"{worker} has no schedule in front of its command: {error.what}", tip=error.tip
        ) from error
    return said.schedule, said.command
