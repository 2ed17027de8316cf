"""How a build is shown: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from hop3_nix.cli.console import is_terminal, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.builders.base import Report
    from hop3_nix.progress import Progress

NAMES: Final = 3
"""How many of the things being done now are named."""


@contextmanager
def reporting(*, verbose: bool = False) -> Iterator[Report]:
    """Yield the report for a build, fit for what standard error is.

    With ``verbose``, every line of the log is shown as well.
    """
    if not is_terminal():
        yield PlainReport(verbose=verbose)
        return
    from hop3_nix.cli.terminal import live_report  # noqa: PLC0415 - rich, for terminals alone

    with live_report(verbose=verbose) as report_:
        yield report_


class PlainReport:
    """Lines for a log file: each thing that is fetched or built, once, when it begins."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._named: set[str] = set()
        self._lock = Lock()

    def note(self, text: str) -> None:
        """Print it."""
        report(text)

    def progress(self, progress: Progress) -> None:
        """Print what has begun since the last time."""
        with self._lock:
            for verb, names in (("fetching", progress.fetching), ("building", progress.building)):
                for name in names:
                    line = f"{verb} {name.partition(': ')[0]}"
                    if line not in self._named:
                        self._named.add(line)
                        report(f"{line}{_count(progress)}")

    def line(self, text: str) -> None:
        """Print it if every line is wanted."""
        if self._verbose:
            report(text)


def describe(progress: Progress) -> str:
    """Return one line that says how far a build is."""
    parts = []
    if progress.builds.expected:
        parts.append(f"built {progress.builds.done}/{progress.builds.expected}")
    if progress.fetching or progress.fetches.done:
        parts.append(f"fetched {progress.fetches.done}/{progress.fetches.expected}")
    if progress.bytes.done:
        parts.append(f"{progress.bytes.done / 1e6:.1f} MB")
    for verb, names in (
        ("building", progress.building),
        ("fetching", progress.fetching),
        ("waiting for", progress.waiting),
    ):
        if names:
            more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
            parts.append(f"{verb} {', '.join(names[:NAMES])}{more}")
    return " · ".join(parts) or "evaluating"


def _count(progress: Progress) -> str:
    builds = progress.builds
    return f" ({builds.done}/{builds.expected} done)" if builds.expected else ""
