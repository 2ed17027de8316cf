"""The directory of what a build is given, such as a snapshot of the source."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hop3_nix.host.state import STAGE, writing_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def stage_in(state: Path) -> Iterator[Path]:
    """Give an empty directory in ``state``, an application's, which is gone after the block.

    What a build that was killed has left there goes first. The lock of the application is held.
    """
    stage = state / STAGE
    with writing_to(state):
        if stage.exists():
            shutil.rmtree(stage)
        stage.mkdir(parents=True)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
