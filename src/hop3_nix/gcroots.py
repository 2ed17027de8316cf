"""What keeps a store path: links that Nix's garbage collector knows of.

Imports the standard library only: an unchanged build asks here whether its link is one of them.
"""

from __future__ import annotations

import hashlib
import os
from typing import Final

_DIGITS: Final = "0123456789abcdfghijklmnpqrsvwxyz"


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


def base32(data: bytes) -> str:
    """Return ``data`` in Nix's own base 32: another alphabet, and the last digit first."""
    number = int.from_bytes(data, "little")
    places = range((len(data) * 8 + 4) // 5)
    return "".join(_DIGITS[number >> (5 * place) & 31] for place in reversed(places))
