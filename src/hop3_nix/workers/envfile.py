"""The grammar of a file of variables: NAME=VALUE lines, as docs/running.md has it.

What hop3-nix writes itself is read alike by systemd (systemd.exec(5), EnvironmentFile). Nothing in
a value is expanded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD: Final = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*(=[ \t]*)")
_PASSED_OVER: Final = re.compile(r"[ \t\r]*(?:#[^\n]*)?(?:\n|\Z)")
_SINGLE: Final = re.compile(r"'([^']*)'")
_DOUBLE: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = '"\\$`'
_BEHIND: Final = re.compile(r"[ \t\r]*(?:(?<=[ \t])#[^\n]*)?(?:\n|\Z)")
_COMMENT: Final = re.compile(r"(?<=[ \t])#.*")

_QUOTE: Final = "Put the whole value in single quotes, or in double quotes."


class EnvFileError(ValueError):
    """A line that is no variable; its text is not repeated, as it may be a secret."""

    def __init__(self, what: str, line: int, tip: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.what = what
        self.line = line
        self.tip = tip


def read_variables(text: str) -> dict[str, str]:
    """Return the variables of ``text``; of one that stands twice, the last value.

    A value is bare, up to the end of the line or to a blank and ``#``; or in single quotes, as it
    stands; or in double quotes, where a backslash in front of another, of a double quote, of $ and
    of a backquote is left out. What is in quotes may span lines. Raises EnvFileError.
    """
    text = text.removeprefix("\ufeff")
    values: dict[str, str] = {}
    position = 0
    while position < len(text):
        passed = _PASSED_OVER.match(text, position)
        if passed:
            position = passed.end()
            continue
        number = text.count("\n", 0, position) + 1
        head = _HEAD.match(text, position)
        if head is None:
            raise EnvFileError("not NAME=VALUE", number, "Write NAME=VALUE, or # a comment.")
        if len(head[2]) > 1 and text.startswith("#", head.end()):
            value, position = "", _line_end(text, head.end())
        elif text[head.end() : head.end() + 1] in {"'", '"'}:
            value, position = _quoted(text, head.end(), number)
        else:
            value, position = _bare(text, head.end(), number)
        if "\0" in value:
            raise EnvFileError("the value has a NUL character", number, "Take it out.")
        values[head[1]] = value
    return values


def write_variables(values: Mapping[str, str]) -> str:
    """Return the text that `read_variables`, and systemd, read as ``values``."""
    return "".join(f"{name}={_double_quoted(value)}\n" for name, value in sorted(values.items()))


def _quoted(text: str, start: int, number: int) -> tuple[str, int]:
    single = text[start] == "'"
    match = (_SINGLE if single else _DOUBLE).match(text, start)
    if match is None:
        raise EnvFileError("a quote is opened and not closed", number, _QUOTE)
    behind = _BEHIND.match(text, match.end())
    if behind is None:
        line = text.count("\n", 0, match.end()) + 1
        raise EnvFileError("text follows the closing quote", line, _QUOTE)
    value = match[1] if single else _ESCAPE.sub(_unescaped, match[1])
    return value, behind.end()


def _unescaped(match: re.Match[str]) -> str:
    if match[1] == "\n":
        return ""
    return match[1] if match[1] in _ESCAPED else match[0]


def _bare(text: str, start: int, number: int) -> tuple[str, int]:
    end = _line_end(text, start)
    value = _COMMENT.sub("", text[start:end].rstrip("\n")).strip(" \t\r")
    if value.endswith("\\"):
        raise EnvFileError(
            "a bare value ends with a backslash",
            number,
            "Put the value in single quotes; in quotes, it may span lines.",
        )
    if value[-1:] in {"'", '"'} and value.count(value[-1]) % 2:
        raise EnvFileError("a quote is closed and not opened", number, _QUOTE)
    return value, end


def _line_end(text: str, start: int) -> int:
    newline = text.find("\n", start)
    return len(text) if newline < 0 else newline + 1


def _double_quoted(value: str) -> str:
    # In double quotes, systemd and this grammar agree on these two escapes.
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
