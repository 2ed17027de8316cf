"""Whether Go compiles a file for Linux: its name and its ``//go:build`` line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_OTHERS: Final = re.compile(
    r"aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|nacl|netbsd|openbsd|plan9|solaris"
    r"|wasip1|windows|zos|386|arm|loong64|mips|mips64|mips64le|mipsle|ppc64|ppc64le|riscv64|s390x"
    r"|sparc64|wasm"
)
"""Systems and processors that are not those here, as names of files have them."""

_ALWAYS: Final = frozenset({"linux", "unix", "gc", "amd64", "arm64"})
"""What may hold: which of both processors it is decides no question that is asked here."""

_BUILD: Final = re.compile(r"^//go:build\s+(.+)$", re.MULTILINE)
_TOKEN: Final = re.compile(r"\s*(\(|\)|!|&&|\|\||[\w.]+)")
_RELEASE: Final = re.compile(r"go1\.\d+")


def is_built(name: str, head: str, tags: Collection[str] = ()) -> bool:
    """Return whether the file ``name`` is compiled with ``tags``; ``head`` is before ``package``.

    A line that is none of Go's counts as one that holds: Go itself says what is wrong with it.
    """
    known = {*_ALWAYS, *tags}
    parts = name.rpartition("/")[2].removesuffix(".go").split("_")[1:]
    if any(_OTHERS.fullmatch(part) for part in parts[-2:]):
        return False
    line = _BUILD.search(head)
    return line is None or _holds(line[1], known)


def _holds(expression: str, known: Collection[str]) -> bool:
    tokens = _TOKEN.findall(expression)
    try:
        value, rest = _either(tokens, known)
    except IndexError:
        return True
    return value or bool(rest)


def _either(tokens: list[str], known: Collection[str]) -> tuple[bool, list[str]]:
    value, tokens = _both(tokens, known)
    while tokens[:1] == ["||"]:
        other, tokens = _both(tokens[1:], known)
        value = value or other
    return value, tokens


def _both(tokens: list[str], known: Collection[str]) -> tuple[bool, list[str]]:
    value, tokens = _one(tokens, known)
    while tokens[:1] == ["&&"]:
        other, tokens = _one(tokens[1:], known)
        value = value and other
    return value, tokens


def _one(tokens: list[str], known: Collection[str]) -> tuple[bool, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "!":
        value, rest = _one(rest, known)
        return not value, rest
    if first == "(":
        value, rest = _either(rest, known)
        return value, rest[1:]
    return first in known or bool(_RELEASE.fullmatch(first)), rest
