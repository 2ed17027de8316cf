"""JSON as people and some tools write it: with comments, and commas behind the last member."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r'"(?:\\.|[^"\\\n])*+"?|//[^\n]*+|/\*.*?(?:\*/|\Z)|,(?=(?:\s|//[^\n]*+|/\*.*?\*/)*+[}\]])',
    re.DOTALL,
)


def plain_json(text: str) -> str:
    """Return ``text`` as JSON, with everything on the line on which it stood."""
    return _TOKEN.sub(_plain, text)


def _plain(token: re.Match[str]) -> str:
    return token[0] if token[0].startswith('"') else "\n" * token[0].count("\n")
