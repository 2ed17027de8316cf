"""What only Rust says to its Nix functions."""

from __future__ import annotations

from pydantic import Field

from hop3_nix.toolchains.language import Arguments


class DepsArguments(Arguments):
    """What only Rust says to mkDeps."""

    manifests: tuple[str, ...] = Field(
        default=(), description="Files of the application that cargo chooses crates by."
    )
    entries: tuple[str, ...] = Field(
        default=(), description="Files that its targets begin in, in whose place stands nothing."
    )
    directories: tuple[str, ...] = Field(
        default=(), description="Packages of its own that crates of others depend on."
    )
    members: tuple[str, ...] = Field(
        default=(), description="Its own packages, as NAME@VERSION, of which nothing is kept."
    )
    builds: tuple[tuple[str, ...], ...] = Field(
        default=(), description="The arguments of each `cargo build` of the build steps."
    )
    vendored: dict[str, str] = Field(
        default={}, description="The directory that stands for a source of crates, by its name."
    )
    environment: dict[str, str] = Field(
        default={}, description="Variables that say how crates are compiled."
    )
