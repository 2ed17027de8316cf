"""The tables of docs/languages.md, from what the languages say of themselves.

``python -m hop3_nix.toolchains.page`` prints the page.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.config.schema import LANGUAGES
from hop3_nix.files.resources import NIX
from hop3_nix.plan import PathRef, SearchPath
from hop3_nix.toolchains import registry
from hop3_nix.toolchains.others import OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hop3_nix.plan import Value
    from hop3_nix.toolchains.language import Language

_HEAD: Final = """\
# Languages

Written by `make languages` from the tables of the languages themselves; each has a page of its own
for the rest. The first language in this order that recognises an application has it. In
[hop3.toml](hop3-toml.md), `[build] toolchain` goes before all of them.
"""

_OTHERS: Final = """\
## Named, and not built

Applications of these languages are recognised, so that none of them is taken for something else,
and are refused with the name of the language:
"""


def page() -> str:
    """Return the text of the page; equal tables, equal text."""
    ours = (each.load() for each in registry.known() if isinstance(each, registry.Known))
    # What a recipe names is told by no file.
    languages = [language for language in ours if language.looks_for]
    parts = [_HEAD, _table(_overview(languages), ("language", "told by", "version", "Debian set"))]
    parts += ["## What each brings\n"]
    parts += [_about(language) for language in languages if _said(language)]
    names = {language.name for language in languages}
    others = [each for each in OTHERS if each.name not in names]
    rows = [(each.title, _code(each.files)) for each in others]
    parts += [_OTHERS, _table(rows, ("language", "told by"))]
    return "\n".join(parts)


def _overview(languages: Sequence[Language]) -> Iterator[tuple[str, ...]]:
    pages = {"static": "static.md"}
    for language in languages:
        key = f"`[build] {language.name}-version`" if language.name in LANGUAGES else ""
        name = f"[{language.title}]({pages.get(language.name, f'{language.name}.md')})"
        yield name, _code(language.looks_for), key, _code(_in_debian(language.name))


def _in_debian(language: str) -> tuple[str, ...]:
    """Return the interpreters and compilers that the embedded set has, the newest first."""
    directory = NIX / "debian/languages" / language
    attributes = _read(directory / "attributes.json")
    names = [name for name, each in attributes.items() if "offer" in each]
    wheels = _read(directory / "wheels.json")
    prefix = wheels.get("attribute", "")
    named = (*(f"{prefix}{each}" for each in wheels.get("versions", ())), *reversed(names))
    return (*named, *_read(directory / "npm.json").get("versions", ()))


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def _said(language: Language) -> bool:
    return bool(language.env or language.defaults or language.frameworks)


def _about(language: Language) -> str:
    lines = [f"**{language.title}**\n"]
    if language.frameworks:
        lines.append(f"- starts or serves by itself: {', '.join(language.frameworks)}")
    for values, what in ((language.env, "sets"), (language.defaults, "sets unless it is set")):
        if values:
            said = ", ".join(f"`{name}={_text(value)}`" for name, value in sorted(values.items()))
            lines.append(f"- {what}: {said}")
    return "\n".join(lines) + "\n"


def _text(value: Value) -> str:
    match value:
        case str():
            return value
        case SearchPath():
            return ":".join(map(_text, value.entries))
        case PathRef():
            return f"…/{value.path}"
        case _:
            return f"…-{value.package}/{value.path}"


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(rows: Sequence[tuple[str, ...]] | Iterator[tuple[str, ...]], head: Sequence[str]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
