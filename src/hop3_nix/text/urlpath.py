"""Paths that can be asked for over HTTP (RFC 9110, 4.2.3; RFC 3986, 3.3 and 3.4)."""

from __future__ import annotations

import re
from typing import Final

PATH: Final = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")

EXAMPLE: Final = "/up"


def is_url_path(text: str) -> bool:
    """Return whether ``text`` is a path, perhaps with a query, as it stands in a request."""
    return PATH.fullmatch(text) is not None


def how_to_write(text: str) -> str:
    """Return ``text`` as a path, with what none can hold written by its bytes."""
    escaped = "".join(
        char
        if PATH.fullmatch(f"/{char}")
        else "".join(f"%{byte:02X}" for byte in char.encode(errors="replace"))
        for char in text
    )
    return escaped if escaped.startswith("/") else f"/{escaped}"
