"""Text in unit files: how systemd.syntax(7) and systemd.service(5) want any value written."""

from __future__ import annotations

import re
from typing import Final

from hop3_nix.errors import InputError

ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "%": "%%"}

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
UNHEARD: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""What systemd silently drops a variable for: control characters other than tab and newline."""

UNREADABLE: Final = re.compile(
    "[\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
"""What systemd takes for no text: surrogates, and what is no character (Unicode, 23.7)."""

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UNIT: Final = re.compile(r"[A-Za-z0-9:_.-]{1,200}")
"""Of what systemd.unit(5) allows, and short enough for any suffix."""


def word(text: str, what: str) -> str:
    """Return ``text`` as one quoted word of a command line or of a list of assignments.

    Nothing of it is expanded, except that a dollar sign is where the setting expands variables.
    Raises InputError, which calls it ``what``, for what cannot be passed at all.
    """
    _refuse_undecodable(text, what)
    if "\0" in text:
        raise InputError(f"{what} holds a NUL byte", tip="No program can be given one.")
    escaped = (ESCAPES.get(c, f"\\x{ord(c):02x}" if CONTROL.match(c) else c) for c in text)
    return f'"{"".join(escaped)}"'


def assignment(name: str, value: str) -> str:
    """Return ``name=value`` as Environment= takes it. Raises InputError."""
    check_variable(name, value)
    return word(f"{name}={value}", f"the variable {name}")


def check_variable(name: str, value: str) -> None:
    """Raise InputError unless systemd can give a process this variable."""
    if not NAME.fullmatch(name):
        raise InputError(
            f"systemd passes no variable called {name!r}", tip="Use letters, digits and _."
        )
    _refuse_undecodable(value, f"the variable {name}")
    if UNHEARD.search(value):
        raise InputError(
            f"the variable {name} holds a control character, which systemd does not pass",
            tip="Encode the value, for example as base64, and decode it in the application.",
        )


def path(text: str) -> str:
    """Return ``text``, an absolute path, for a setting that takes the rest of the line.

    Raises InputError.
    """
    return _checked_path(text).replace("%", "%%")


def bind(text: str) -> str:
    """Return ``text``, an absolute path, for a setting that takes SOURCE:DESTINATION.

    A percent sign is left as it is: it is special in unit files alone. Raises InputError.
    """
    # In quotes a colon is part of the path, and of the escapes only those of \ and " are known.
    escaped = _checked_path(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def program(text: str) -> str:
    """Return ``text``, the absolute path of a program, as the quoted first word of a command line.

    Raises InputError.
    """
    if not text.startswith("/") or CONTROL.search(text) or re.search(r"[\"'\\]", text):
        raise InputError(
            f"systemd starts no program with a path like {text!r}",
            tip="Use an absolute path without quotes, backslashes and control characters.",
        )
    # The colon keeps systemd from expanding variables: that is done already, or a shell does it.
    return f":{text}" if re.fullmatch(r"[\w/.+@=-]+", text, re.ASCII) else word(f":{text}", text)


def argument(text: str) -> str:
    """Return ``text`` as a word of a command line, quoted only if it has to be. Raises InputError.

    A reader of the unit file then sees the command line as it was written.
    """
    plain = re.fullmatch(r"[\w/.,:+@=-]+", text, re.ASCII)
    return text if plain else word(text, "an argument")


def line(text: str) -> str:
    """Return ``text`` for a setting that is for people, such as Description=."""
    known = UNREADABLE.sub("?", text)
    return " ".join(CONTROL.sub(" ", known).split()).rstrip("\\ ")


def unit_name(name: str) -> str:
    """Return ``name`` if a unit can be called so. Raises InputError."""
    if not UNIT.fullmatch(name):
        raise InputError(
            f"systemd takes no service called {name!r}",
            tip="Give the worker a shorter name, of letters, digits, dashes and underscores.",
        )
    return name


def _checked_path(text: str) -> str:
    _refuse_undecodable(text, "a path")
    if not text.startswith("/") or CONTROL.search(text) or text != text.rstrip(" \\"):
        raise InputError(
            f"systemd takes no path like {text!r}",
            tip="Use an absolute path without control characters, not ending with a space.",
        )
    return text


def _refuse_undecodable(text: str, what: str) -> None:
    if UNREADABLE.search(text):
        raise InputError(
            f"{what} is not UTF-8 text as systemd reads it", tip="Encode it otherwise."
        )
