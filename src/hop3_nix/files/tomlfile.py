"""TOML with places: what a file says, and the line on which each key stands.

Imports the standard library only.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import ConfigError
from hop3_nix.files.documents import toml_table
from hop3_nix.files.regularfile import Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Lines = dict[tuple[str, ...], int]

_TOKEN: Final = re.compile(
    r'"""(?:\\.|(?!""")[^\\])*"{3,5}'
    r"|'''(?:(?!''').)*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}=\n]"
    r"|[^\"'\#\[\]{}=\n]+",
    re.DOTALL,
)


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Return what ``text`` says. Raises ConfigError with the line if it is not TOML 1.0."""
    try:
        return toml_table(text)
    except Malformed as error:
        raise ConfigError(
            error.what,
            file=file,
            line=error.line,
            tip="Texts need quotes, and every key has to stand once in its section.",
        ) from error


def key_lines(text: str) -> Lines:
    """Return the line, from 1, of each table and key of ``text``, which has to be valid TOML.

    The tables of an array of tables share one path, that of the first one's line; what stands
    inside an inline table or an array has no line of its own (see ``line_of``).
    """
    lines: Lines = {}
    table: tuple[str, ...] = ()
    statement, started = "", 1
    in_value, depth, line = False, 0, 1
    for piece in _TOKEN.findall(text.removeprefix("\ufeff").replace("\r\n", "\n") + "\n"):
        if piece == "\n" and not depth:
            if not in_value and statement.strip():
                table = _path(tomllib.loads(statement))
                lines.setdefault(table, started)
            statement, in_value = "", False
        elif in_value:
            depth += (piece in "[{") - (piece in "]}")
        elif piece == "=":
            lines.setdefault((*table, *_path(tomllib.loads(f"{statement}=0"))), started)
            in_value = True
        elif not piece.startswith("#"):
            started = started if statement.strip() else line
            statement += piece
        line += piece.count("\n")
    return lines


def line_of(lines: Mapping[tuple[str, ...], int], path: Sequence[str]) -> int | None:
    """Return the line of ``path``, or of the nearest table or key that holds it."""
    parts = tuple(path)
    while parts and parts not in lines:
        parts = parts[:-1]
    return lines.get(parts)


def _path(node: Any) -> tuple[str, ...]:
    """Return the names down the only branch of ``node``."""
    names = []
    while node:
        if isinstance(node, list):
            node = node[0]
            continue
        name, node = next(iter(node.items()))
        names.append(name)
    return tuple(names)
