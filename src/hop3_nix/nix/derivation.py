"""What the file of a derivation says, in the store (ATerm; the Nix manual, "Derivations")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TOKEN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([\[(])|([\])])', re.DOTALL)
_FETCH: Final = "builtin:fetchurl"


@dataclass(frozen=True, slots=True)
class Derivation:
    """The outputs of a derivation, and what builds it."""

    outputs: tuple[str, ...]
    builder: str

    @property
    def is_fetch(self) -> bool:
        """Return whether Nix itself builds it, by fetching: no other program runs."""
        return self.builder == _FETCH


def read_derivation(path: str) -> Derivation | None:
    """Return what the file at ``path`` says; None if there is none, or it is no derivation."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    outputs: list[str] = []
    plain: list[str] = []
    depth = lists = fields = 0
    for token in _TOKEN.finditer(text.removeprefix("Derive")):
        string, opening, closing = token.groups()
        if opening:
            depth += 1
            lists += depth == 2  # noqa: PLR2004 - the argument lists: outputs come first
            fields = 0
        elif closing:
            depth -= 1
        elif depth == 1:
            plain.append(string)
            if len(plain) == 2:  # noqa: PLR2004 - platform, builder
                return Derivation(tuple(outputs), plain[1])
        else:
            fields += 1
            if lists == 1 and fields == 2:  # noqa: PLR2004 - name, path, of each output
                outputs.append(string)
    return None
