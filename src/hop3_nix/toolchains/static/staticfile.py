"""Staticfile: ``NAME: VALUE`` per line, as Cloud Foundry's buildpack for static sites reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import ConfigError, UnsupportedError

if TYPE_CHECKING:
    from hop3_nix.source import Source

FILE: Final = "Staticfile"

SWITCHES: Final = {"directory": ("visible", "hidden"), "pushstate": ("enabled", "disabled")}
"""Keys that turn something on, each with the words for on and off."""

ELSEWHERE: Final = {
    "force_https": "the proxy in front redirects",
    "host_dot_files": "only .well-known is served of what begins with a dot",
    "http_strict_transport_security": "the proxy in front sets it",
    "location_include": "the server's configuration is not the application's",
    "ssi": "pages are sent as they are",
    "status_codes": "404.html at the top of the site is the page for what is not there",
}
"""Keys of the buildpack that have no effect here, and what there is instead."""


class Staticfile(NamedTuple):
    """What a Staticfile says; ``lines`` has the number of each key's line."""

    root: str = ""
    listing: bool = False
    fallback: bool = False
    lines: dict[str, int] = {}  # noqa: RUF012 - never written to


def read_staticfile(source: Source) -> Staticfile | None:
    """Return what the Staticfile of ``source`` says, None if there is none.

    Raises ConfigError or UnsupportedError, with the line.
    """
    if not source.has(FILE):
        return None
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, raw in enumerate(source.read_text(FILE).removeprefix("\ufeff").splitlines(), 1):
        line = raw.split(" #", 1)[0].strip()
        if not line or line == "---" or line.startswith("#"):
            continue
        key, value = _parse(line, number)
        if key in lines:
            raise ConfigError(
                f"{key!r} stands here and on line {lines[key]}",
                file=FILE,
                line=number,
                tip="Take one of the two out.",
            )
        values[key], lines[key] = value, number
    return Staticfile(
        root=values.get("root", ""),
        listing=values.get("directory") == "visible",
        fallback=values.get("pushstate") == "enabled",
        lines=lines,
    )


def _parse(line: str, number: int) -> tuple[str, str]:
    key, colon, value = (part.strip() for part in line.partition(":"))
    if key in ELSEWHERE:
        raise UnsupportedError(
            f"{key!r} has no effect here",
            file=FILE,
            line=number,
            tip=f"Take it out: {ELSEWHERE[key]}.",
        )
    known = ("root", *SWITCHES)
    if not colon or key not in known:
        raise ConfigError(
            f"{line!r} is nothing that is known",
            file=FILE,
            line=number,
            tip=f"Write NAME: VALUE with one of these names: {', '.join(known)}.",
        )
    value = value.strip("\"'")
    words = SWITCHES.get(key, ())
    if (words and value not in words) or not value:
        allowed = " or ".join(words) or "a directory, such as public"
        raise ConfigError(
            f"{key!r} cannot be {value!r}", file=FILE, line=number, tip=f"Write {allowed}."
        )
    return key, value
