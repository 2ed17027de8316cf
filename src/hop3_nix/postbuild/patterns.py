"""One pattern of gitignore(5) as an expression that is matched in linear time.

Imports the standard library only. What pathspec makes of a pattern tries every way in which the
stars of a name can be filled: forty stars and a name of a hundred letters take for ever. Here each
star but the last takes the shortest match there is and keeps it, which is right for globs, since
what stands between two stars has a fixed length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LENGTH: Final = 4096
"""Of one pattern; no path that Linux opens is longer."""

_KEEPS_MATCHES: Final = hasattr(re, "NOFLAG")
"""Whether there are atomic groups: since Python 3.11."""

_STAR: Final = "*"
_DIRECTORIES: Final = "(?:[^/]++/)*"
_CLASSES: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r" \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class Pattern(NamedTuple):
    """What a line says: whether it leaves out or takes in, of what kind, and which paths."""

    leaves_out: bool
    only_directories: bool
    regex: re.Pattern[str]

    def matches(self, path: str) -> bool:
        """Return whether it is about ``path``, a directory's with ``/`` at its end."""
        if self.only_directories and not path.endswith("/"):
            return False
        return self.regex.fullmatch(path.removesuffix("/")) is not None


def parse_pattern(line: str) -> Pattern | None:
    """Return the pattern of a line, None if it is about no path at all.

    As in git, that is so for blank lines, comments, and brackets and escapes without an end.
    Raises ValueError for what is too long, or only a ``!``.
    """
    text = _without_trailing_spaces(line)
    if not text or text.startswith("#"):
        return None
    leaves_out = not text.startswith("!")
    text = text.removeprefix("!")
    if not text or len(text) > MAX_LENGTH:
        raise ValueError(line)
    only_directories = text.endswith("/")
    text = text.removesuffix("/")
    anchored = "/" in text
    text = text.removeprefix("/")
    try:
        expression = _expression([*(() if anchored else ("**",)), *_segments(text)])
    except _Endless:
        return None
    return Pattern(leaves_out, only_directories, re.compile(_known(expression), re.DOTALL))


def _known(expression: str) -> str:
    """Return it as this Python reads it; one before 3.11 may take long for many stars."""
    if _KEEPS_MATCHES:
        return expression
    return expression.replace("(?>", "(?:").replace("[^/]++", "[^/]+")


class _Endless(Exception):  # noqa: N818 - a bracket or an escape without an end
    pass


def _without_trailing_spaces(line: str) -> str:
    text = line.rstrip(" ")
    escapes = len(text) - len(text.rstrip("\\"))
    return f"{text} " if escapes % 2 and len(text) < len(line) else text


def _segments(text: str) -> Iterator[str]:
    """Yield what stands between slashes; one in a bracket is a member of it, which matches none."""
    begun = position = 0
    while position < len(text):
        if text[position] == "[":
            _, position = _bracket(text, position + 1)
        elif text.startswith("\\/", position):
            yield text[begun:position]
            begun = position = position + 2
        elif text[position] == "/":
            yield text[begun:position]
            begun = position = position + 1
        else:
            position += 1 + (text[position] == "\\")
    yield text[begun:]


def _expression(segments: list[str]) -> str:
    """Return the expression for a path: blocks of segments, with any directories between them."""
    blocks: list[list[str]] = [[]]
    for segment in segments:
        if not segment:
            raise _Endless
        if len(segment) > 1 and not segment.strip(_STAR):
            if blocks[-1] or len(blocks) == 1:
                blocks.append([])
        else:
            blocks[-1].append(_segment(segment))
    first, *others = ("/".join(block) for block in blocks)
    if not others:
        return first
    *middle, last = others
    start = f"{first}/" if first else ""
    between = "".join(f"(?>{_DIRECTORIES}?{block}/)" for block in middle)
    return f"{start}{between}{_DIRECTORIES}{last}" if last else f"{start}{between}.+"


def _segment(text: str) -> str:
    """Return the expression for one name of a path."""
    if not text.strip(_STAR):
        return "[^/]++"
    pieces = [""]
    for atom in _atoms(text):
        if atom != _STAR:
            pieces[-1] += atom
        elif pieces[-1] or len(pieces) == 1:
            pieces.append("")
    first, *others = pieces
    if not others:
        return first
    *middle, last = others
    return f"{first}{''.join(f'(?>[^/]*?{piece})' for piece in middle)}[^/]*{last}(?![^/])"


def _atoms(text: str) -> Iterator[str]:
    """Yield the expressions of single letters, and stars as they are."""
    position = 0
    while position < len(text):
        letter = text[position]
        position += 1
        if letter == "[":
            expression, position = _bracket(text, position)
            yield expression
        elif letter == "\\":
            if position == len(text):
                raise _Endless
            yield re.escape(text[position])
            position += 1
        else:
            yield {"*": _STAR, "?": "[^/]"}.get(letter, re.escape(letter))


def _bracket(text: str, position: int) -> tuple[str, int]:
    """Return the expression of a bracket, and where it ends; git's wildmatch.c is the rule."""
    negated = text[position : position + 1] in {"!", "^"}
    position += negated
    members: list[str] = []
    previous = ""
    begun = position
    while position == begun or text[position : position + 1] != "]":
        letter, position = _member(text, position)
        if letter == "-" and previous and text[position : position + 1] not in {"", "]"}:
            last, position = _member(text, position)
            if previous <= last:
                members.append(f"{re.escape(previous)}-{re.escape(last)}")
            previous = ""
        elif letter == "[" and (named := re.compile(r":([^\]]*):\]").match(text, position)):
            if named[1] not in _CLASSES:
                raise _Endless
            members.append(_CLASSES[named[1]])
            position, previous = named.end(), ""
        else:
            members.append(re.escape(letter))
            previous = letter
    inside = "".join(members)
    if not inside:
        return ("[^/]" if negated else "(?!)"), position + 1
    return f"(?!/)[{'^' * negated}{inside}]", position + 1


def _member(text: str, position: int) -> tuple[str, int]:
    escaped = text[position : position + 1] == "\\"
    position += escaped
    if position >= len(text):
        raise _Endless
    return text[position], position + 1
