"""JSON and TOML that strangers wrote, read within limits. Imports the standard library only.

Whoever calls this says what an error means: it raises nothing but Malformed.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, Final, NoReturn

from hop3_nix.files.regularfile import Malformed

MAX_DEPTH: Final = 100
"""Of objects and arrays in each other, and of the parts of a dotted key."""

_INTEGERS: Final = range(-(2**63), 2**63)
_UNUSUAL: Final = re.compile(r"\0|\\0|\\x00|\\[uU](?:0000)?(?:0000|[dD][89a-fA-F])")
"""Where a text may have a NUL, or half of a surrogate pair, which nothing can be done with."""

_TOML_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TOML_TOKEN: Final = re.compile(
    r'"""(?:\\.|(?!""")[^\\])*+"{0,5}'
    r"|'''(?:(?!''').)*+'{0,5}"
    r'|"(?:\\.|[^"\\\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|[\[\]{}=,.\n]"
    r"|[^\"'\#\[\]{}=,.\n]+",
    re.DOTALL,
)
"""Also of what is not TOML, in one pass: a text without an end goes as far as it can."""


def json_value(text: str | bytes) -> Any:
    """Return what ``text`` says. Raises Malformed, also for what no reader needs to bear."""
    decoded = _decoded(text)
    try:
        value = json.loads(decoded, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error.msg}", error.lineno) from error
    except Malformed:
        raise
    except RecursionError:
        raise Malformed(_TOO_DEEP) from None
    except ValueError:
        # What Python says of a number with more digits than it reads.
        raise Malformed(_TOO_LARGE) from None
    check_value(value, decoded)
    return value


def toml_table(text: str | bytes) -> dict[str, Any]:
    """Return what ``text`` says. Raises Malformed, also for what no reader needs to bear."""
    decoded = _decoded(text)
    _check_toml(decoded)
    try:
        table = tomllib.loads(decoded)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _TOML_PLACE.search(message)
        what = message[: place.start()] if place else message
        line = int(place[1]) if place and place[1] else decoded.rstrip("\n").count("\n") + 1
        raise Malformed(f"not valid TOML: {what[:1].lower()}{what[1:]}", line) from error
    except (ValueError, OverflowError):
        raise Malformed(_TOO_LARGE) from None
    # Whoever needs texts without NUL says so with the key.
    check_value(table, decoded, texts=False)
    return table


def check_value(value: object, text: str, *, texts: bool = True) -> None:
    """Raise Malformed if ``value``, read from ``text``, is nested too deeply or cannot be used.

    With ``texts``, those need to be Unicode without NUL. Integers need to have 64 bits; and
    aliases (YAML's) must not make more of it than ``text`` has characters.
    """
    unusual = texts and _UNUSUAL.search(text) is not None
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Malformed(_TOO_DEEP)
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
                if unusual:
                    below += each
            elif isinstance(each, list):
                below += each
            else:
                _check_scalar(each, unusual=unusual)
        if len(below) > len(text):
            raise Malformed("its aliases say more than the file has characters")
        level = below


_TOO_DEEP: Final = f"nested too deeply: more than {MAX_DEPTH} levels"
_TOO_LARGE: Final = "a number that is too large: integers have 64 bits"


def _decoded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(f"not UTF-8 text: byte {error.start + 1}") from error
    return text.removeprefix("\ufeff")


def _check_scalar(value: object, *, unusual: bool) -> None:
    if isinstance(value, int) and value not in _INTEGERS:
        raise Malformed(_TOO_LARGE)
    if not unusual or not isinstance(value, str):
        return
    if "\0" in value:
        raise Malformed("a text with a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Malformed("a text that is not Unicode: half of a surrogate pair") from None


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"not JSON: {name} is no number")


def _check_toml(text: str) -> None:
    """Raise Malformed for depths at which reading takes long, or never comes to an end."""
    depth = parts = 0
    line = 1
    for piece in _TOML_TOKEN.findall(text):
        if piece == ".":
            parts += 1
        elif piece in "[]{}=,\n":
            parts = 0
            depth = max(depth + (piece in "[{") - (piece in "]}"), 0)
        if depth > MAX_DEPTH or parts > MAX_DEPTH:
            raise Malformed(_TOO_DEEP, line)
        line += piece.count("\n")
