"""What only Java says to its Nix functions."""

from __future__ import annotations

from pydantic import Field

from hop3_nix.toolchains.language import Arguments


class DepsArguments(Arguments):
    """What only Java says to mkDeps."""

    maven: str = Field(default="", description="Which of the files Maven itself is.")
    tomcat: str = Field(default="", description="Which of them is what runs a WAR.")


class AppArguments(Arguments):
    """What only Java says to mkApp."""

    modules: tuple[str, ...] = Field(
        default=(), description="Directories that Maven makes a target/ in."
    )
