"""The application as languages see it: its files, its configuration, and what was read of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class App:
    """An application, or the part of it that is a stage; each file of it is read once.

    Of a stage, ``config`` has only what holds for every part of an application.
    """

    source: Source
    config: AppConfig
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    def read(self, reader: Callable[[Source], T]) -> T:
        """Return what ``reader`` makes of the files, which it does the first time only."""
        if reader not in self._known:
            self._known[reader] = reader(self.source)
        found: T = self._known[reader]
        return found

    def once(self, decide: Callable[[App], T]) -> T:
        """Return what ``decide`` makes of the application, which it does the first time only."""
        if decide not in self._known:
            self._known[decide] = decide(self)
        found: T = self._known[decide]
        return found
