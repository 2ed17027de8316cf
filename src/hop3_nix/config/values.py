"""The types of values in hop3.toml: each says in its own words what it wants."""

from __future__ import annotations

import posixpath
import re
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from hop3_nix.text.urlpath import how_to_write, is_url_path

Builder = Literal["auto", "nix", "local"]

VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

MAX_TEXT: Final = 32_768
"""Characters of any text."""

MAX_LIST: Final = 5000
"""Texts in a list: patterns, of which `source.ignore` heeds as many, need the most."""

MAX_TABLE: Final = 250
"""Entries of a section whose names are the application's: each is in every unit, or in nginx's."""

_QUOTE_IT: Final = 'Put it in quotes, such as "3.12": a number loses its zeros.'


def wrong(what: str, tip: str, *below: str) -> PydanticCustomError:
    """Return the error that says what is wrong, with which key ``below``, and what to do."""
    # The words reach the user through the context: a template would take braces as its own.
    return PydanticCustomError("hop3", "{what}", {"what": what, "tip": tip, "below": below})


def check_size(number: int, most: int, what: str, *below: str) -> None:
    """Raise what `wrong` returns if there are more than ``most`` of ``what``."""
    if number > most:
        raise wrong(f"has {number} {what}, and {most} are the most", "Shorten it.", *below)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("has to be a text", _QUOTE_IT if _is_number(value) else "Put it in quotes.")
    check_size(len(value), MAX_TEXT, "characters")
    if "\0" in value:
        raise wrong("has a NUL character, which no program can be given", "Take it out.")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong("has to be a list of texts", 'Write it like this: ["one", "two"]')
    check_size(len(value), MAX_LIST, "texts")
    return tuple(_text(each) for each in value)


def _commands(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_text(value).strip(),)
    if not isinstance(value, list):
        raise wrong("has to be a command or a list of commands", "Put each command in quotes.")
    check_size(len(value), MAX_TABLE, "commands")
    return tuple(_text(each).strip() for each in value)


def _names(value: Any) -> tuple[str, ...]:
    return ((value,) if value else ()) if isinstance(value, str) else _texts(value)


def _table(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise wrong("has to be a section of texts", 'Write it like this: name = "text"')
    check_size(len(value), MAX_TABLE, "entries")
    for name, each in value.items():
        if not isinstance(each, str):
            raise wrong("has to be a text", "Put it in quotes.", name)
    return {name: _text(each) for name, each in value.items()}


def _seconds(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise wrong("has to be a number of seconds, 1 or more", "Write it like this: 30")
    return value


def _whole_number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong("has to be a whole number", "Write it like this: 3")
    return value


def _number(value: Any) -> float:
    if not _is_number(value):
        raise wrong("has to be a number", "Write it like this: 30")
    return float(value)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong("has to be true or false", "Write it without quotes.")
    return value


def _builder(value: Any) -> str:
    # hop3-server takes any case, and has a builder that is not one of ours.
    name = _text(value).lower()
    if name == "docker":
        return "auto"
    if name not in {"auto", "nix", "local"}:
        raise wrong(f"cannot be {value!r}", 'Write "auto", "nix" or "local".')
    return name


def _tree_path(value: Any) -> str:
    return _inside(_text(value))


def _root(value: Any) -> str:
    path = posixpath.normpath(_inside(_text(value)) or ".")
    return "" if path == "." else path


def _inside(path: str, *below: str) -> str:
    if path.startswith("/") or ".." in path.split("/"):
        tip = "Give a path relative to the application's root."
        raise wrong(f"leads out of the application: {path!r}", tip, *below)
    return path


def _directories(value: Any) -> tuple[str, ...]:
    found = []
    for path in _texts(value):
        plain = posixpath.normpath(_inside(path))
        if plain == "." or "\n" in plain:
            raise wrong(
                f"names no directory of its own: {path!r}",
                'Name directories below the tree: ["uploads"]. For the whole of it: '
                "[nix] writable-home-at-runtime = true",
            )
        found.append(plain)
    for one in found:
        if any(one.startswith(f"{other}/") for other in found):
            raise wrong(f"is part of another one: {one!r}", "Leave it out.")
    return tuple(dict.fromkeys(found))


def _static_paths(value: Any) -> dict[str, str]:
    paths = {url: _inside(path, url) for url, path in _table(value).items()}
    for url in paths:
        if not url.startswith("/"):
            raise wrong("is no URL path", f'Write it like this: "/{url}"', url)
    return paths


def _url_path(value: Any) -> str:
    path = _text(value)
    if not is_url_path(path):
        raise wrong(f"is no URL path: {path!r}", f'Write it like this: "{how_to_write(path)}"')
    return path


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Commands = Annotated[tuple[str, ...], BeforeValidator(_commands)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Table = Annotated[dict[str, str], BeforeValidator(_table)]
Seconds = Annotated[int, BeforeValidator(_seconds)]
WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
Number = Annotated[float, BeforeValidator(_number)]
Switch = Annotated[bool, BeforeValidator(_switch)]
BuilderName = Annotated[Builder, BeforeValidator(_builder)]
TreePath = Annotated[str, BeforeValidator(_tree_path)]
RootPath = Annotated[str, BeforeValidator(_root)]
Directories = Annotated[tuple[str, ...], BeforeValidator(_directories)]
StaticPaths = Annotated[dict[str, str], BeforeValidator(_static_paths)]
UrlPath = Annotated[str, BeforeValidator(_url_path)]
