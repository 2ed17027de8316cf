"""Ranges of versions in npm's notation (https://github.com/npm/node-semver#ranges)."""

from __future__ import annotations

import re
from typing import Final

from semantic_version import NpmSpec, Version

_TOO_LONG: Final = 256
"""Characters; npm itself reads no longer range."""


def npm_range(text: str) -> NpmSpec:
    """Return ``text`` as a range; raises ValueError if it is none."""
    if len(text) > _TOO_LONG:
        msg = f"longer than {_TOO_LONG} characters"
        raise ValueError(msg)
    # npm lets a space and a v stand in front of a number; the library does not.
    written = re.sub(r"([<>=~^])\s+", r"\1", text.strip())
    written = re.sub(r"(^|[\s<>=~^|])v(?=\d)", r"\1", written)
    return NpmSpec(written or "*")


def satisfies(version: str, text: str) -> bool:
    """Return whether ``version`` is in the range ``text``; False for what is no range."""
    try:
        return bool(npm_range(text).match(Version(version)))
    except ValueError:
        return False
