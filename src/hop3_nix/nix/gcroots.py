"""What keeps a store path: links that Nix's garbage collector knows of.

Imports the standard library only: an unchanged build asks here whether its link is one of them.
"""

from __future__ import annotations

import hashlib
import os
from typing import Final

from hop3_nix.host.statepath import state_root

BASE32: Final = "0123456789abcdfghijklmnpqrsvwxyz"


def is_root(link: str, location: str) -> bool:
    """Return whether ``link`` points to ``location`` and is registered as an indirect root.

    Nix registers a link under the SHA-1 of its path (addIndirectRoot, Nix 2.8 to 2.26).
    """
    path = os.path.abspath(link)  # noqa: PTH100 - without following the link itself
    digest = hashlib.sha1(os.fsencode(path), usedforsecurity=False).digest()
    state = os.environ.get("NIX_STATE_DIR", "/nix/var/nix")
    try:
        registered = os.readlink(f"{state}/gcroots/auto/{base32(digest)}")  # noqa: PTH115
        return registered == path and os.readlink(path) == location  # noqa: PTH115
    except OSError:
        return False


def leads_to_result(link: str) -> bool:
    """Return whether ``link`` is a symlink to what was built: a store path, or ours without Nix."""
    try:
        target = os.readlink(link)  # noqa: PTH115
    except OSError:
        return False
    places = (os.environ.get("NIX_STORE_DIR", "/nix/store"), state_root())
    return any(target.startswith(f"{place}/") for place in places)


def may_become_link(link: str) -> bool:
    """Return whether nothing but such a link would be replaced at ``link``."""
    if leads_to_result(link) or not os.path.lexists(link):
        return True
    # One of another state directory, built without Nix.
    return os.path.islink(link) and os.path.isfile(f"{link}/hop3/runtime.json")  # noqa: PTH113, PTH114


def base32(data: bytes) -> str:
    """Return ``data`` in Nix's own base 32: another alphabet, and the last digit first."""
    number = int.from_bytes(data, "little")
    places = range((len(data) * 8 + 4) // 5)
    return "".join(BASE32[number >> (5 * place) & 31] for place in reversed(places))
