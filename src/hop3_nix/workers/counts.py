"""WORKER=N: how many instances of a worker are wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

COUNT: Final = re.compile(r"([^=\s]+)=([0-9]{1,4})")
EXAMPLE: Final = "Example: web=2"


class CountError(ValueError):
    """Text that is not WORKER=N."""


def read_counts(texts: Iterable[str]) -> dict[str, int]:
    """Return the counts in ``web=2``, ``web=2,worker=0``; of one worker, the last.

    Raises CountError.
    """
    counts = {}
    for text in (each.strip() for one in texts for each in one.split(",")):
        match = COUNT.fullmatch(text)
        if match is None:
            raise CountError(f"{text}: not WORKER=N")
        counts[match[1]] = int(match[2])
    return counts
