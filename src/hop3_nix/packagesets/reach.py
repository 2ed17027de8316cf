"""Whether the pinned nixpkgs can be had from here: its source, and a cache of what is built."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.request
from typing import TYPE_CHECKING, Final

from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.statefile import read_state_file
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hop3_nix.packagesets.nixpkgs import Pin

PATIENCE: Final = 2.0
"""Seconds that all addresses together are waited for."""

REMEMBERED: Final = 24 * 3600.0
"""Seconds for which an answer holds."""


def find_caches() -> Sequence[str]:
    """Return the binary caches that Nix is set up for."""
    caches: list[str] = nixcli.configured("substituters")
    return caches


def answering(urls: Sequence[str]) -> set[str]:
    """Return those of ``urls`` that answer a HEAD request with success within PATIENCE."""
    there: set[str] = set()

    def ask(url: str) -> None:
        try:
            request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - http(s), see below
            with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310 - likewise
                there.add(url)
        except (OSError, ValueError, http.client.HTTPException):
            pass  # whatever the reason is, it cannot be had

    # The time-out above does not hold for the look-up of a name, hence threads that are left.
    threads = [
        threading.Thread(target=ask, args=(url,), daemon=True)
        for url in urls
        if url.startswith(("http://", "https://"))
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return set(there)


def why_not(
    pin: Pin,
    memory: Path,
    *,
    caches: Callable[[], Sequence[str]] = find_caches,
    reach: Callable[[Sequence[str]], set[str]] = answering,
    now: Callable[[], float] = time.time,
) -> str:
    """Return why nixpkgs cannot be had, or nothing if it can; ``memory`` keeps that for a day.

    Without a binary cache it would take hours to build, so that counts too.
    """
    try:
        remembered = json.loads(read_state_file(memory))
        if remembered["rev"] == pin.rev and 0 <= now() - remembered["at"] < REMEMBERED:
            return str(remembered["reason"])
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        pass  # nothing is remembered
    reason = _ask(pin, caches, reach)
    text = json.dumps({"rev": pin.rev, "at": now(), "reason": reason}, indent=1)
    write_text_atomic(memory, text + "\n")
    return reason


def _ask(
    pin: Pin, caches: Callable[[], Sequence[str]], reach: Callable[[Sequence[str]], set[str]]
) -> str:
    listed = [cache.rstrip("/") for cache in caches()]
    remote = [f"{cache}/nix-cache-info" for cache in listed if cache.startswith("http")]
    there = reach([pin.url, *remote])
    if not pin.store_path.exists() and pin.url not in there:
        return "its source cannot be fetched from here"
    # What is neither http nor https is a directory or a host of the user's own.
    if len(remote) == len(listed) and not there.intersection(remote):
        return "no binary cache answers"
    return ""
