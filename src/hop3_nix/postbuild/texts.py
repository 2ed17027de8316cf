"""The grammar of texts that are filled in when an app starts (docs/start-data.md).

``${NAME}`` stands for the value of a variable, and ``${@NAME}`` for a place of the artifact.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

FILTERS: Final = ("boolean", "ini", "json", "number", "php", "url")
"""How a value can be written, behind a bar: ``${NAME|json}``."""

OPERATORS: Final = (":-", ":?", ":+", "-", "?", "+")
"""Those of POSIX.1-2017, 2.6.2; with a colon, a value that is empty counts as none."""

_HEAD: Final = re.compile(r"\$\{(@?)([A-Za-z_][A-Za-z0-9_]*)(?:\|([a-z]*))?")


class TextError(ValueError):
    """A text that the grammar does not have; ``tip`` says what to write."""

    def __init__(self, what: str, tip: str) -> None:
        super().__init__(what)
        self.what = what
        self.tip = tip


class Place(NamedTuple):
    """A place of the artifact, by its name."""

    name: str


class Reference(NamedTuple):
    """The value of a variable; ``word`` is what stands behind the operator."""

    name: str
    filter: str = ""
    operator: str = ""
    word: tuple[Any, ...] = ()


Piece = Any
"""A text as it stands, a Place or a Reference."""


def pieces(text: str) -> tuple[Piece, ...]:
    """Return what ``text`` is made of. Raises TextError.

    ``$${`` stands for ``${``, and ``${$}`` for a dollar sign, if that is in front of a reference.
    """
    found, _ = _read(text, 0, closed=False)
    return found


def names(text: str) -> frozenset[str]:
    """Return the variables that ``text`` asks for. Raises TextError."""
    return frozenset(_names(pieces(text)))


def literal(text: str) -> str:
    """Return the text that is filled in as ``text``, whatever stands behind it."""
    said = text.replace("${", "$${")
    return f"{said[:-1]}${{$}}" if said.endswith("$") else said


def _names(found: tuple[Piece, ...]) -> list[str]:
    return [
        name
        for piece in found
        if isinstance(piece, Reference)
        for name in (piece.name, *_names(piece.word))
    ]


def _read(text: str, start: int, *, closed: bool) -> tuple[tuple[Piece, ...], int]:
    found: list[Piece] = []
    said, at = "", start
    while at < len(text) and not (closed and text[at] == "}"):
        if text.startswith("$${", at):
            said, at = f"{said}${{", at + 3
        elif text.startswith("${$}", at):
            said, at = f"{said}$", at + 4
        elif text.startswith("${", at):
            piece, at = _reference(text, at)
            found, said = [*found, *([said] if said else []), piece], ""
        else:
            said, at = said + text[at], at + 1
    if closed and at == len(text):
        raise TextError("a ${ is opened and not closed", "Close it with }, or write $${ for it.")
    return (*found, *([said] if said else [])), at


def _reference(text: str, start: int) -> tuple[Piece, int]:
    head = _HEAD.match(text, start)
    if head is None:
        what = f"{text[start : start + 20]!r} is no reference to a variable"
        raise TextError(what, "Write ${NAME} or ${NAME:-DEFAULT}, or $${ for a ${ as it stands.")
    place, name, said = head.groups()
    if said is not None and said not in FILTERS:
        raise TextError(f"there is no filter {said!r}", f"There are: {', '.join(FILTERS)}.")
    at = head.end()
    operator = next((each for each in OPERATORS if text.startswith(each, at)), "")
    if place:
        if said is not None or text[at : at + 1] != "}":
            raise TextError(f"a place is written ${{@{name}}}", "Take out what follows the name.")
        return Place(name), at + 1
    if not operator and text[at : at + 1] != "}":
        what = f"{text[at : at + 10]!r} cannot follow {name}"
        raise TextError(what, "Write ${NAME}, ${NAME|json}, or ${NAME:-DEFAULT}.")
    word, at = _read(text, at + len(operator), closed=True)
    return Reference(name, said or "", operator, word), at + 1
