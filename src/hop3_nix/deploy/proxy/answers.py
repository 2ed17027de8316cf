"""What the proxy passed on while somebody was watching: which port answered, and with what.

nginx writes one line for each request to a site that is watched (templates/proxy/nginx.conf).
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

FILE: Final = "answers.log"
"""Below nginx's own directory."""

LARGE: Final = 1 << 20
"""Bytes after which what was written for others is thrown away."""

PORT: Final = re.compile(r"127\.0\.0\.1:([0-9]+)")
STATUS: Final = re.compile(r"[0-9]{3}|-")


def now(directory: Path) -> int:
    """Return the place in the file behind what was answered until now."""
    file = directory / FILE
    try:
        size = file.stat().st_size
        if size > LARGE:
            with file.open("r+b") as stream:
                stream.truncate()
            return 0
    except FileNotFoundError:
        return 0
    return size


def read(directory: Path, ports: Collection[int], since: int) -> list[int]:
    """Return the status of each answer from ``ports`` since then.

    502 stands for none at all; one that the client did not wait for does not count.
    """
    try:
        with (directory / FILE).open("rb") as stream:
            stream.seek(since if since <= stream.seek(0, 2) else 0)
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    found = []
    for line in text.splitlines():
        addresses, _, statuses = line.partition("\t")
        for port, status in zip(PORT.findall(addresses), STATUS.findall(statuses), strict=False):
            if int(port) in ports:
                with suppress(ValueError):
                    found.append(int(status))
    return found
