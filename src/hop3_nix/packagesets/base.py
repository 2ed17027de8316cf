"""What a package set is: the ``pkgs`` of an expression, and what can be known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pydantic import JsonValue

    from hop3_nix.nix.missing import Missing
    from hop3_nix.plan import Target


class PackageSet(Protocol):
    """Where interpreters, compilers and base programs come from."""

    @property
    def name(self) -> str:
        """Return ``debian``, ``nixpkgs`` or the path that was asked for."""

    def prepare(self, report: Callable[[str], None], language: str = "") -> None:
        """Make everything there that the other methods need; quick when it is there.

        With ``language``, also what the set pins for that one alone. ``report`` gets a line for
        what takes longer. Raises UnavailableError or TemporaryError.
        """

    def provide(self, names: Sequence[str], report: Callable[[str], None]) -> None:
        """Make packages there that applications name and the set has not by itself.

        Those that it cannot give are left to whoever knows where they were named. Raises as
        `prepare` does.
        """

    def packages_with(self, missing: Sequence[Missing]) -> Mapping[Missing, str]:
        """Return the package to name in hop3.toml for each file that one is known to have."""

    def expression(self) -> str:
        """Return the Nix text that is the default of ``pkgs``."""

    def target(self) -> Target:
        """Return the system and what the set offers on it. Starts no program once prepared."""

    def nix_settings(self) -> Mapping[str, str]:
        """Return the Nix options that building with this set needs."""

    def pinned_by(self) -> tuple[Path, ...] | None:
        """Return the files, outside of hop3-nix, that decide what the set is; None if unknown."""

    def describe(self) -> dict[str, JsonValue]:
        """Return what pins the set, for the artifact's metadata."""
