"""What only Go says to its Nix functions."""

from __future__ import annotations

from pydantic import Field

from hop3_nix.toolchains.language import Arguments


class DepsArguments(Arguments):
    """What only Go says to mkDeps."""

    manifests: tuple[str, ...] = Field(
        default=(), description="Files of the application that modules are chosen by."
    )
    vendored: bool = Field(default=False, description="Whether its modules are in vendor/.")
    imports: tuple[str, ...] = Field(
        default=(), description="Packages that are compiled once and kept."
    )
    environment: dict[str, str] = Field(
        default={}, description="Variables of Go's own that say how code is compiled."
    )

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the flags of every command; with vendor/, Go itself chooses."""
        return () if self.vendored else ("-mod=readonly",)
