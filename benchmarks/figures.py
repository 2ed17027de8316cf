"""What is made of the times: paired comparisons, their median and spread, and targets."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from operator import sub, truediv
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Spread(NamedTuple):
    """The median of some figures, and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Return the spread of at least one figure."""
        if len(figures) == 1:
            return cls(figures[0], figures[0], figures[0])
        low, median, high = statistics.quantiles(figures, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True)
class Comparison:
    """Two commands that were run in turns: round by round, what ours took and what theirs did."""

    name: str
    title: str
    against: str
    """What theirs is."""
    ours: tuple[float, ...]
    """Seconds, one figure for each round."""
    theirs: tuple[float, ...]
    by: Literal["ratio", "difference"]
    """Whether theirs is what ours is divided by, or what it is more than."""
    limit: float | None = None
    """The target for the median: a ratio, or seconds."""

    @property
    def result(self) -> Spread:
        """Return the spread of the rounds' ratios or differences.

        They are taken in each round, so that what slows the whole machine down for a while does
        not count.
        """
        combine = truediv if self.by == "ratio" else sub
        return Spread.of([combine(*pair) for pair in zip(self.ours, self.theirs, strict=True)])

    @property
    def met(self) -> bool | None:
        """Return whether the target is met; None if there is none."""
        return None if self.limit is None else self.result.median <= self.limit
