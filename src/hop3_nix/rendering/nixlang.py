"""Python values as Nix text: the only serialiser into the language, and the guard of templates.

Layout is that of nixfmt: two spaces, one element per line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hop3_nix.errors import InputError
from hop3_nix.plan import PackageRef, PathRef, SearchPath

_INDENT: Final = "  "
_ESCAPES: Final = {
    "\\": r"\\",
    '"': r"\"",
    "${": r"\${",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
}
"""All that a double-quoted Nix string can mean other than itself (Nix manual, "String").

A carriage return must be escaped because Nix reads a bare one as a line feed.
"""

_WORDS: Final = {None: "null", True: "true", False: "false"}
_SPECIAL: Final = re.compile(r'\\|"|\$\{|\n|\r|\t')
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_KEYWORDS: Final = frozenset(
    {"assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"}
)
_ATTRIBUTE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_'+-]*")
_PLAIN_PATH: Final = re.compile(r"\.(/[A-Za-z0-9._+-]+)+")
_INT_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class NixText:
    """Text that is Nix already: what this module returns, or what we wrote ourselves.

    It is not a ``str``, so that plain text can never be taken for it.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    def indented(self, level: int) -> NixText:
        """Return the text with every line but the first moved right by ``level`` steps."""
        return NixText(self.text.replace("\n", "\n" + _INDENT * level))


def to_nix(value: object, level: int = 0) -> NixText:
    """Return ``value`` as a Nix expression; later lines are indented for ``level``.

    Paths of a plan become interpolations of ``deps``, ``app``, ``stages`` and ``pkgs``; a
    SearchPath becomes a list. Raises InputError for text that Nix cannot hold, and TypeError for
    other types.
    """
    match value:
        case NixText():
            return value.indented(level)
        case Mapping():
            return _attributes(value, level)
        case list() | tuple():
            return _list(value, level)
        case SearchPath():
            return _list(value.entries, level)
        case _:
            return NixText(_scalar(value))


def package(attribute: str) -> NixText:
    """Return the selection of ``attribute``, such as ``python313.pkgs.pip``, from ``pkgs``.

    One that begins with ``hop3.`` is a package of our own library instead.
    Raises InputError if it cannot be the name of a package.
    """
    parts = attribute.split(".")
    if not all(_ATTRIBUTE.fullmatch(part) for part in parts):
        raise InputError(
            f"{attribute!r} cannot be the name of a package",
            tip="A package is named by its nixpkgs attribute, such as postgresql or "
            "python313.pkgs.pip.",
        )
    scope = [] if parts[0] == "hop3" and len(parts) > 1 else ["pkgs"]
    return NixText(".".join([*scope, *map(attribute_name, parts)]))


def relative_path(path: str) -> NixText:
    """Return ``path``, such as ``./source`` or ``./.``, as a Nix path relative to the file.

    Raises InputError if it does not begin with ``./``, and for text that Nix cannot hold.
    """
    if not path.startswith("./"):
        raise InputError(
            f"{path!r} cannot stand in an expression as a path",
            tip="Give a path that begins with ./",
        )
    if _PLAIN_PATH.fullmatch(path):
        return NixText(path)
    return NixText(f'./. + "{_escape(path[1:])}"')


def only_nix(value: object) -> NixText:
    """Return ``value``, which a template is about to interpolate, if it is NixText.

    Raises TypeError for anything else, plain text included.
    """
    if not isinstance(value, NixText):
        msg = (
            "a template may interpolate only what the serialiser made, "
            f"not {type(value).__name__}: pass it through the filter 'nix'"
        )
        raise TypeError(msg)
    return value


def _scalar(value: object) -> str:
    match value:
        case None | bool():
            return _WORDS[value]
        case int():
            return _integer(value)
        case str():
            return f'"{_escape(value)}"'
        case PathRef():
            scope = f"stages.{attribute_name(value.stage)}." if value.stage else ""
            return _interpolation(f"{scope}{value.layer}", value.path)
        case PackageRef():
            return _interpolation(package(value.package).text, value.path)
        case _:
            msg = f"{type(value).__name__} has no form in Nix"
            raise TypeError(msg)


def _escape(text: str) -> str:
    if "\0" in text:
        raise InputError(
            f"{_excerpt(text)} has a NUL character in it, which Nix cannot hold",
            tip="Remove it: no environment variable, file name or command line can have one.",
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{_excerpt(text)} is not text: it holds half of a surrogate pair",
            tip="Write it as UTF-8. For a file name, rename the file.",
        ) from error
    return _SPECIAL.sub(lambda match: _ESCAPES[match.group()], text)


def _excerpt(text: str) -> str:
    limit = 60
    return ascii(text if len(text) <= limit else text[:limit] + "…")


def _integer(value: int) -> str:
    if abs(value) > _INT_MAX:
        raise InputError(
            f"{value} is outside the 64-bit integers of Nix",
            tip=f"Use a number of at most {_INT_MAX}.",
        )
    return str(value) if value >= 0 else f"({value})"


def _interpolation(variable: str, path: str) -> str:
    tail = f"/{_escape(path)}" if path else ""
    return f'"${{{variable}}}{tail}"'


def attribute_name(name: str) -> str:
    """Return ``name`` as it stands in front of ``=`` and behind a dot."""
    if _IDENTIFIER.fullmatch(name) and name not in _KEYWORDS:
        return name
    return f'"{_escape(name)}"'


def _attributes(value: Mapping[object, object], level: int) -> NixText:
    if not value:
        return NixText("{ }")
    lines = []
    for name, item in value.items():
        if not isinstance(name, str):
            msg = f"an attribute is named by text, not by {type(name).__name__}"
            raise TypeError(msg)
        lines.append(f"{attribute_name(name)} = {to_nix(item, level + 1)};")
    return _block("{", lines, "}", level)


def _list(value: Sequence[object], level: int) -> NixText:
    if not value:
        return NixText("[ ]")
    items = [to_nix(item, level + 1).text for item in value]
    if len(items) == 1 and "\n" not in items[0]:
        return NixText(f"[ {items[0]} ]")
    return _block("[", items, "]", level)


def _block(opening: str, lines: Sequence[str], closing: str, level: int) -> NixText:
    outer = "\n" + _INDENT * level
    inner = outer + _INDENT
    return NixText(f"{opening}{inner}{inner.join(lines)}{outer}{closing}")
