"""For programs that answer by rote, and that nothing asks to run in the lock sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hop3_nix.locksandbox import Enclosed, Outcome


class Unenclosed:
    """What completes such programs to tools."""

    def enclosed(self, program: Path, enclosed: Enclosed, packages: Sequence[str] = ()) -> Outcome:
        raise NotImplementedError(program, enclosed, packages)
