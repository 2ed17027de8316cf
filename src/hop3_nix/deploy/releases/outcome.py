"""What a change of an app has come to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """A release that came up."""

    app: str
    release: int
    replaced: int | None
    """The release that served before, None if this is the first one."""
    reason: str
    listen: tuple[str, ...]
    """Where clients reach the app; empty for one that serves nobody."""
    names: tuple[str, ...]
    location: str
    seconds: float

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)
