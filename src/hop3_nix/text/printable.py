"""Text of applications on a terminal: colours, and nothing else that a terminal would obey."""

from __future__ import annotations

import re
from typing import Final

# ECMA-48: SGR passes; the other sequences need a control character, of C0 or C1. Unicode's
# bidirectional controls make a line read as something else than it says.
_UNSAFE: Final = re.compile(
    r"(\x1b\[[0-9;]*m)|[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
_RESET: Final = "\x1b[0m"


def for_terminal(line: str, *, colours: bool = True) -> str:
    r"""Return one line with what could upset a terminal made visible instead, as in ``\x1b``.

    Tabs and colours stay, the latter unless ``colours`` is false, and none outlasts the line.
    """

    def visible(match: re.Match[str]) -> str:
        if match[1]:
            return match[1] if colours else ""
        code = ord(match[0])
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - one byte

    text = _UNSAFE.sub(visible, line.removesuffix("\r"))
    return text + _RESET if "\x1b" in text and not text.endswith(_RESET) else text


def lines_for_terminal(text: str) -> str:
    """Return the same of each of the lines of ``text``."""
    return "\n".join(map(for_terminal, text.split("\n")))
