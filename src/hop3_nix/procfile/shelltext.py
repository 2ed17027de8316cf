"""Whether what a shell command opens is closed: quotes, ``$(``, ``${`` and backquotes.

It finds what every shell would refuse, and accepts what it is not sure of.
"""

from __future__ import annotations

import re
from typing import Final

_NOT_CLOSED: Final = {
    '"': "a double quote that is not closed",
    "'": "a single quote that is not closed",
    "`": "a backquote that is not closed",
    "(": "a '$(' that is not closed",
    "{": "a '${' that is not closed",
    "\\": "a backslash at its end, with nothing behind it",
}
MAX_DEPTH: Final = 50
"""Of what is opened within each other, which shells read by calling themselves."""

_TOO_DEEP: Final = f"more than {MAX_DEPTH} substitutions in each other"
_CLOSERS: Final = {"(": ")", "{": "}", '"': '"', "`": "`"}

# The second alternative is bash's $'it\'s'.
_PLAIN: Final = re.compile(
    r"""\\.|\$\$|\$'(?:\\.|[^\\'])*'|'[^']*'|\$[({]|["'`(){}\\#]""", re.DOTALL
)
_QUOTED: Final = re.compile(r"""\\.|\$\$|\$[({]|["`\\]""", re.DOTALL)
_BEFORE_COMMENT: Final = frozenset(["", *" \t;&|()"])


def unclosed(command: str) -> str:
    """Return what ``command`` leaves open, in words; empty if nothing.

    What is nested too deeply counts as open: nobody looks for its end.
    """
    marks: list[str] = []
    position = 0
    while match := (_QUOTED if marks[-1:] == ['"'] else _PLAIN).search(command, position):
        piece, start, position = match[0], match.start(), match.end()
        if piece == "#":
            if not marks and command[max(start - 1, 0) : start] in _BEFORE_COMMENT:
                position = command.find("\n", start)
                if position < 0:
                    break
        elif "'" in piece and '"' in marks and marks[-1] == "{":
            # Shells differ in what a single quote is in "${name#'...'}".
            return ""
        elif piece in {"'", "\\"}:
            return _NOT_CLOSED[piece]
        elif marks and piece == _CLOSERS[marks[-1]]:
            marks.pop()
        elif piece in {'"', "`", "$(", "${"} or (piece == "(" and marks[-1:] == ["("]):
            marks.append(piece[-1])
            if len(marks) > MAX_DEPTH:
                return _TOO_DEEP
    return _NOT_CLOSED[marks[-1]] if marks else ""
