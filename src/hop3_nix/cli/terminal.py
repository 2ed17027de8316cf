"""How a build is shown on a terminal: one line that is redrawn, and notes above it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from hop3_nix.cli.progress import describe
from hop3_nix.text.printable import for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.progress import Progress


@contextmanager
def live_report(*, verbose: bool) -> Iterator[TerminalReport]:
    """Yield a report that draws on standard error until the end."""
    console = Console(stderr=True, highlight=False)
    spinner = Spinner("dots", Text("starting"))
    with Live(spinner, console=console, transient=True, refresh_per_second=10):
        yield TerminalReport(console, spinner, verbose=verbose)


class TerminalReport:
    """A line that is redrawn: what is done of how much, and what is being done now."""

    def __init__(self, console: Console, spinner: Spinner, *, verbose: bool) -> None:
        self._console = console
        self._spinner = spinner
        self._verbose = verbose

    def note(self, text: str) -> None:
        """Print it above the line, and go on."""
        self._console.print(Text(_safe(text)), soft_wrap=True)

    def progress(self, progress: Progress) -> None:
        """Redraw the line."""
        self._spinner.update(
            text=Text(_safe(describe(progress)), overflow="ellipsis", no_wrap=True)
        )

    def line(self, text: str) -> None:
        """Print it above the line if every line is wanted."""
        if self._verbose:
            self._console.print(Text(_safe(text), style="dim"), soft_wrap=True)


def _safe(text: str) -> str:
    """Return ``text`` as rich may print it, which takes no escapes for what they are."""
    return "\n".join(for_terminal(line, colours=False) for line in text.split("\n"))
