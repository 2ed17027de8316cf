"""When a process counts as healthy: one rule for whoever asks."""

from __future__ import annotations

from typing import Final

GOOD: Final = (200, 399)
"""First and last HTTP status of a page that was asked for."""


def is_good(status: int, good: tuple[int, int] = GOOD) -> bool:
    """Say whether an answer with ``status`` will do."""
    return good[0] <= status <= good[1]
