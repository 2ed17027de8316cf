"""docs/reliability.md: a table of faults with what held, written by the run that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD: Final = """\
# What holds when something goes wrong

This page is written by `make reliability`, which makes each fault while a client asks the app about
fifty times a second, and fails if the app does not come through it as the tables say. "Failed" are
requests that were answered with 5xx, or not at all. The times are those of two busy cores.

A release that fails has to end with exit status 101, without a failed request, and with the
release before it running, all of its workers, as if nothing had been. One that is found out only
when it has taken over cannot be without: what it has answered wrongly until then is what failed,
and the old release, which stayed warm, takes over again by itself.

"""

RELEASES: Final = """\
## Releases that are no good, over a good one

"""

EVENTS: Final = """
## What happens to a machine, or to what runs on it

Afterwards the app has to answer and all of its workers have to run. Where the status is that of a
command, it is the one that was hit, or the next one.

"""

TAIL: Final = """
Kills of a command before each of its effects in turn, and power cuts at nine of them, are tested
besides: `tests/e2e/test_deploy_power_cut.py`, `tests/e2e/test_deploy_systemd_power_cut.py`.
"""


@dataclass
class Row:
    """One fault at one place."""

    place: str
    what: str
    kind: str
    status: int
    asked: int
    failed: int
    seconds: float
    wrong: str = ""

    @property
    def cell(self) -> str:
        """Return what the table says of it."""
        return f"{self.status} | {self.failed} of {self.asked} | {self.seconds:.0f} s"


def written(rows: Sequence[Row]) -> str:
    """Return the page."""
    return (
        HEAD
        + RELEASES
        + _table("the new release", [row for row in rows if row.kind == "release"])
        + EVENTS
        + _table("what happened", [row for row in rows if row.kind == "event"])
        + TAIL
    )


def _table(title: str, rows: Sequence[Row]) -> str:
    places = ("supervisord", "systemd")
    titles = "".join(f" {place}: status | failed | time |" for place in places)
    lines = [f"| {title} |{titles}"]
    lines.append("|---|" + "---|" * 6)
    for what in dict.fromkeys(row.what for row in rows):
        cells = []
        for place in places:
            found = [row for row in rows if (row.place, row.what) == (place, what)]
            cells.append(found[0].cell if found else "| |")
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
