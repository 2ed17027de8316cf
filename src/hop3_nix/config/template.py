"""Keys of templates in a ``[nix]`` that names none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hop3_nix.config.server import SERVER_NIX_KEYS
from hop3_nix.errors import ConfigError
from hop3_nix.files.tomlfile import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.files.tomlfile import Lines

KEY = "template"


def refuse_without_template(nix: Mapping[str, Any], file: str, lines: Lines) -> None:
    """Raise ConfigError, with its line, for a key that only a template would read."""
    theirs = [key for key in nix if key in SERVER_NIX_KEYS]
    if KEY not in nix and theirs:
        raise ConfigError(
            f"[nix] {theirs[0]} is a key of templates, and there is no template that reads it",
            file=file,
            line=line_of(lines, ("nix", theirs[0])),
            tip="Take it out: a Hop3 server passes over it as well.",
        )
