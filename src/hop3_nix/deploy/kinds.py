"""What a worker is, as its name says: a process, a schedule, or files for a web server."""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["process", "cron", "static"]

SCHEDULE: Final = re.compile(r"\s*(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(\S.*)", re.DOTALL)
"""Five fields of crontab(5) and the command behind them, as Hop3 writes them."""


def kind_of(worker: str) -> Kind:
    """Return the kind of ``worker``; Hop3 goes by the name's beginning."""
    if worker.startswith("cron"):
        return "cron"
    return "static" if worker.startswith("static") else "process"


def split_schedule(worker: str, command: str) -> tuple[str, str]:
    """Return (schedule, command line); the schedule is "" for what is not a cron worker."""
    match = SCHEDULE.fullmatch(command) if kind_of(worker) == "cron" else None
    return (" ".join(match[1].split()), match[2]) if match else ("", command)
