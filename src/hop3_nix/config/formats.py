"""Tables of hop3.toml as the text of a settings file, in which values are filled in at start."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal

from hop3_nix.config.values import wrong
from hop3_nix.postbuild.texts import Place, Reference, literal, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hop3_nix.postbuild.texts import Piece

Format = Literal["raw", "ini", "json", "yaml", "toml", "php"]
FORMATS: Final = ("raw", "ini", "json", "yaml", "toml", "php")

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL: Final = re.compile(r"[\0-\x1f\x7f]")
_TYPED: Final = ("number", "boolean")


def written(form: str, content: Any) -> str:
    """Return the text of a file of the format ``form``. Raises what `wrong` makes."""
    if form == "raw":
        if not isinstance(content, str):
            raise wrong("has to be a text", 'Name the format of a table: format = "json"')
        return content
    if not isinstance(content, dict):
        raise wrong("has to be a table", "Or write it as it stands: format = 'raw'")
    match form:
        case "ini":
            return "".join(_ini(content))
        case "json":
            return _json(content, "\n") + "\n"
        case "yaml":
            return "".join(_yaml(content, "")) or "{}\n"
        case "toml":
            return "".join(_toml(content, ()))
        case _:
            return f"<?php\n\nreturn {_php(content, chr(10))};\n"


def _scalar(value: Any, name: str, quoted: Callable[[str], str], quote: str) -> str:
    """Return a value that is no table and no list; a reference has its filter added."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise wrong("has to be a text, a number, true or false", "Put it in quotes.")
    found = pieces(value)
    if len(found) == 1 and isinstance(found[0], Reference) and found[0].filter in _TYPED:
        return _source(found[0])
    return f"{quote}{''.join(_filtered(piece, name, quoted) for piece in found)}{quote}"


def _filtered(piece: Piece, name: str, quoted: Callable[[str], str]) -> str:
    if isinstance(piece, str):
        return literal(quoted(piece))
    if isinstance(piece, Reference) and not piece.filter:
        piece = piece._replace(filter=name)
    return _source(piece)


def _source(piece: Piece) -> str:
    """Return what is read as ``piece``."""
    if isinstance(piece, str):
        return literal(piece)
    if isinstance(piece, Place):
        return f"${{@{piece.name}}}"
    bar = f"|{piece.filter}" if piece.filter else ""
    return f"${{{piece.name}{bar}{piece.operator}{''.join(map(_source, piece.word))}}}"


def _json_text(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return escaped.replace("\x7f", "\\u007f")


def _double(value: Any) -> str:
    return _scalar(value, "json", _json_text, '"')


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else literal(f'"{_json_text(name)}"')


def _json(value: Any, line: str) -> str:
    inner = f"{line}  "
    if isinstance(value, dict):
        members = [f"{literal(json.dumps(k))}: {_json(v, inner)}" for k, v in value.items()]
        return "{" + inner + f",{inner}".join(members) + line + "}" if members else "{}"
    if isinstance(value, list):
        items = [_json(each, inner) for each in value]
        return "[" + inner + f",{inner}".join(items) + line + "]" if items else "[]"
    return _double(value)


def _yaml(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, each in value.items():
        # Quoted, as a bare yes or 1 would be something else.
        key = f"{indent}{literal(f'{chr(34)}{_json_text(name)}{chr(34)}')}:"
        if isinstance(each, dict) and each:
            yield f"{key}\n"
            yield from _yaml(each, f"{indent}  ")
        else:
            yield f"{key} {_json(each, ' ')}\n"


def _toml(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {name: each for name, each in table.items() if isinstance(each, dict)}
    if path and (len(tables) < len(table) or not table):
        yield f"[{'.'.join(map(_key, path))}]\n"
    for name, each in table.items():
        if name not in tables:
            yield f"{_key(name)} = {_toml_value(each)}\n"
    for name, each in tables.items():
        yield from _toml(each, (*path, name))


def _toml_value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml_value, value))}]"
    if isinstance(value, dict):
        inner = (f"{_key(name)} = {_toml_value(each)}" for name, each in value.items())
        return f"{{ {', '.join(inner)} }}"
    return _double(value)


def _php(value: Any, line: str) -> str:
    inner = f"{line}    "
    if isinstance(value, dict):
        items = [f"{_php_text(name)} => {_php(each, inner)}" for name, each in value.items()]
    elif isinstance(value, list):
        items = [_php(each, inner) for each in value]
    else:
        return _scalar(value, "php", _php_escaped, "'")
    return "[" + inner + f",{inner}".join(items) + line + "]" if items else "[]"


def _php_text(name: str) -> str:
    return literal(f"'{_php_escaped(name)}'")


def _php_escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _ini(content: Mapping[str, Any]) -> Iterator[str]:
    for name, value in content.items():
        if not isinstance(value, dict):
            yield _ini_line(name, value)
    for name, section in content.items():
        if isinstance(section, dict):
            yield f"[{literal(_one_line(name))}]\n"
            for key, value in section.items():
                yield _ini_line(key, value)


def _ini_line(name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise wrong("is more than an INI file can hold", "Write sections of texts.")
    return f"{literal(_one_line(name))} = {_scalar(value, 'ini', _one_line, '')}\n"


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise wrong("has a line break, which a line of an INI file cannot hold", "Take it out.")
    return text
