"""What a build has done and is doing, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """How much of something is done, of how much as far as Nix knows by now."""

    done: int = 0
    expected: int = 0
    running: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a build."""

    builds: Count = Count()
    fetches: Count = Count()
    """Downloads and copies of store paths; files that builds download are counted as they start."""
    bytes: Count = Count()
    building: tuple[str, ...] = ()
    """Names of the derivations being built, with the phase after a colon if one was named."""
    fetching: tuple[str, ...] = ()
    """Names of the files and store paths being fetched."""
    waiting: tuple[str, ...] = ()
    """Names of the derivations that another process is building."""
