"""``[nix] template`` of hop3-server: refused, as it says that the app is built in another way."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hop3_nix.config.server import SERVER_NIX_KEYS, TEMPLATES
from hop3_nix.errors import ConfigError, UnsupportedError
from hop3_nix.tomlfile import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.tomlfile import Lines

KEY = "template"


def refuse_templates(nix: Mapping[str, Any], file: str, lines: Lines) -> None:
    """Raise ConfigError or UnsupportedError for the section of a template, with its line."""
    theirs = [key for key in nix if key in SERVER_NIX_KEYS]
    if KEY in nix:
        _refuse(nix[KEY], file, line_of(lines, ("nix", KEY)))
    elif theirs:
        raise ConfigError(
            f"[nix] {theirs[0]} is a key of templates, and there is no template that reads it",
            file=file,
            line=line_of(lines, ("nix", theirs[0])),
            tip="Take it out: a Hop3 server passes over it as well.",
        )


def _refuse(template: object, file: str, line: int | None) -> None:
    if not isinstance(template, str):
        raise ConfigError(
            "[nix] template has to be text", file=file, line=line, tip=f"One of {_listed()}."
        )
    if template not in TEMPLATES:
        near = get_close_matches(template.replace("_", "-").lower(), TEMPLATES, n=1)
        raise ConfigError(
            f"[nix] template {template!r} is none that a Hop3 server has",
            file=file,
            line=line,
            tip=f"Did you mean {near[0]}?" if near else f"There are {_listed()}.",
        )
    raise UnsupportedError(
        f"[nix] template {template!r} is built by a Hop3 server, not by hop3-nix",
        file=file,
        line=line,
        tip="Deploy it to a server, or take [nix] out and say in a Procfile how the app starts; "
        "its language and packages are read from its lockfile.",
    )


def _listed() -> str:
    return ", ".join(TEMPLATES)
