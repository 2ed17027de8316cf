"""The results as a person reads them: on a terminal, and in docs/performance.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from benchmarks.figures import Spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figures import Comparison

BEGIN: Final = "<!-- figures: written by make bench -->"
END: Final = "<!-- end of figures -->"

_HEADINGS: Final = ("", "hop3-nix", "compared with", "", "result (quartiles)", "target")


def rows(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """Return one row of texts for each comparison, as many as there are headings."""
    return [
        (
            one.title,
            _time(Spread.of(one.ours).median),
            one.against,
            _time(Spread.of(one.theirs).median),
            _result(one),
            _target(one),
        )
        for one in comparisons
    ]


def terminal_table(comparisons: Sequence[Comparison], caption: str) -> Table:
    """Return the table for a terminal."""
    table = Table(*_HEADINGS, caption=caption)
    for one, row in zip(comparisons, rows(comparisons), strict=True):
        table.add_row(*row, style="red" if one.met is False else "")
    return table


def markdown(comparisons: Sequence[Comparison], caption: str) -> str:
    """Return the table as Markdown, with the caption below it."""
    lines = [_HEADINGS, ("---",) * len(_HEADINGS), *rows(comparisons)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{caption}\n"


def with_figures(page: str, figures: str) -> str:
    """Return ``page`` with ``figures`` between its markers, in place of what was there.

    Raises ValueError if the page does not have both.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has to have two lines: {BEGIN} and, below it, {END}")
    return f"{before}{begin}\n{figures}{end}{after}"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _result(one: Comparison) -> str:
    median, low, high = one.result
    if one.by == "ratio":
        return f"{median:.2f}x ({low:.2f} to {high:.2f})"
    return f"{median * 1000:+.1f} ms ({low * 1000:.1f} to {high * 1000:.1f})"


def _target(one: Comparison) -> str:
    if one.limit is None:
        return ""
    limit = f"{one.limit:.1f}x" if one.by == "ratio" else f"{one.limit * 1000:+.0f} ms"
    return f"{limit}: {'met' if one.met else 'MISSED'}"
