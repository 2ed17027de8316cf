"""The kind of a worker, which its name tells (docs/procfile.md, docs/adr/0014)."""

from __future__ import annotations

from typing import Literal

Kind = Literal["process", "cron", "static"]


def kind_of(name: str) -> Kind:
    """Return the kind of worker ``name``.

    ``cron`` and ``cron-NAME`` run at set times, ``static`` and ``static-NAME`` are files; any
    other name, ``cronjobs`` and ``staticgen`` too, is that of a process.
    """
    first, dash, rest = name.partition("-")
    if first == "cron" and bool(dash) == bool(rest):
        return "cron"
    return "static" if first == "static" and bool(dash) == bool(rest) else "process"


def told_by(name: str) -> str:
    """Return how messages say what told the kind of ``name``."""
    first, dash, _ = name.partition("-")
    return f"a name that begins with {first}-" if dash else f"the name {first}"
