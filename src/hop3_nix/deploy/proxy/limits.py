"""What a site may be sent, and how long anybody waits for it: by nginx's names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,8})([kmg]?)", re.IGNORECASE)
SECONDS: Final = re.compile(r"[1-9][0-9]{0,6}")

UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}

BODY, HEADER, ANSWER, CLIENT = "body-size", "header-size", "answer-timeout", "client-timeout"

DEFAULTS: Final[Mapping[str, str]] = {BODY: "100m", HEADER: "64k", ANSWER: "300", CLIENT: "60"}
"""The largest body and header line of a request; the seconds that an app may take for each part of
its answer, and a client for each part of its request, or to take what it is sent."""

SMALLEST_HEADER: Final = 1 << 10
LARGEST_HEADER: Final = 1 << 20
"""Eight of them are kept for each client that sends so much."""


def checked(options: Mapping[str, str]) -> None:
    """Raise InputError for a limit that there is not, or that cannot have this value."""
    for name, value in options.items():
        if name not in DEFAULTS:
            raise InputError(
                f"--proxy-limit {name}={value}: there is no such limit",
                tip=f"The names: {', '.join(DEFAULTS)}",
            )
        grammar, example = (SIZE, "20m") if name in {BODY, HEADER} else (SECONDS, "600")
        if not grammar.fullmatch(value):
            raise InputError(
                f"--proxy-limit {name}={value}: not a {'size' if grammar is SIZE else 'time'}",
                tip=f"Example: --proxy-limit {name}={example}",
            )
    if HEADER in options and not SMALLEST_HEADER <= amount(options[HEADER]) <= LARGEST_HEADER:
        raise InputError(
            f"--proxy-limit {HEADER}={options[HEADER]}: not from 1k to 1m",
            tip=f"Example: --proxy-limit {HEADER}=128k",
        )


def amount(size: str) -> int:
    """Return the bytes of a size that was checked."""
    match = SIZE.fullmatch(size)
    assert match is not None  # noqa: S101 - checked when it was set
    return int(match[1]) * UNITS[match[2].lower()]


def of_server(options: Mapping[str, str], protocol: str) -> list[str]:
    """Return the directives of a server with ``options``, but for what is for all of them."""
    passing = "fastcgi" if protocol == "fastcgi" else "proxy"
    lines = {
        BODY: ["client_max_body_size {}"],
        ANSWER: [f"{passing}_read_timeout {{}}s"],
        CLIENT: ["client_body_timeout {}s", "send_timeout {}s", f"{passing}_send_timeout {{}}s"],
    }
    return [
        f"    {line.format(options[name])};"
        for name, of_name in lines.items()
        if name in options
        for line in of_name
    ]


def of_all(options: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return what nginx has for all servers alike: it reads headers before it knows for which."""
    sizes = [each[HEADER] for each in options if HEADER in each]
    return {"header": max([DEFAULTS[HEADER], *sizes], key=amount)}
