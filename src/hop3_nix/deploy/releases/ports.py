"""The ports of a release's instances: on loopback, and nobody else's on this host."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.instances import is_free
from hop3_nix.deploy.releases import journal
from hop3_nix.deploy.releases.record import numbers, read_release
from hop3_nix.errors import Hop3NixError, TemporaryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.deploy.releases.layout import AppPlace, Layout

FIRST: Final = 20000
LAST: Final = 29999
"""Below the ports that Linux gives to outgoing connections (ip_local_port_range, 32768)."""

BLOCKS: Final = 100


def free_ports(layout: Layout) -> Iterator[int]:
    """Yield ports that no release uses or is about to use, and on which nothing listens.

    The caller holds the lock of the ports until a record has them. Raises TemporaryError when
    there are no more.
    """
    used: set[int] = set()
    for name in layout.apps():
        with suppress(Hop3NixError):  # another app's; whether it listens is seen below
            used.update(_used(layout.app(name)))
    # Counting on from the highest, so that what has just become free is left alone for a while.
    start = max((port for port in used if FIRST <= port <= LAST), default=_first(layout) - 1) + 1
    for port in (*range(start, LAST + 1), *range(FIRST, start)):
        if port not in used and is_free(port):
            yield port
    raise TemporaryError(
        f"no port is free from {FIRST} to {LAST}", tip="Stop what listens there: ss -tlnp"
    )


def _first(layout: Layout) -> int:
    """Return where to begin, which is elsewhere for each root.

    What another root uses is not known: only whether somebody listens there at this moment.
    """
    return FIRST + zlib.crc32(os.fsencode(layout.root)) % BLOCKS * ((LAST + 1 - FIRST) // BLOCKS)


def _used(place: AppPlace) -> Iterator[int]:
    """Yield the ports of the release that serves, of newer ones, and of one on its way out."""
    current = place.current_number() or 0
    transition = journal.under_way(place)
    leaving = transition.replaces if transition else None
    for number in numbers(place):
        if number >= current or number == leaving:
            for instance in read_release(place, number).instances:
                if instance.port is not None:
                    yield instance.port
