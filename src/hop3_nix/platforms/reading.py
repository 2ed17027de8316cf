"""All that the files of other platforms say of one application, and the hop3.toml it makes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import yaml

from hop3_nix.config.file import read_config_file
from hop3_nix.errors import ConfigError, InputError
from hop3_nix.files.documents import json_value, toml_table
from hop3_nix.files.regularfile import Malformed
from hop3_nix.platforms import dockerfile, values
from hop3_nix.platforms.tables import READERS, Table
from hop3_nix.procfile.parse import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.platforms.findings import Finding
    from hop3_nix.procfile import Procfile
    from hop3_nix.source import Source

APTFILE: Final = "Aptfile"
_DOCKERFILES: Final = (dockerfile.FILE, "Containerfile")
LOOKED_FOR: Final = (*READERS, APTFILE, *_DOCKERFILES)
SECTIONS: Final = ("build", "run", "run.workers", "env", "healthcheck")


def read_platforms(source: Source) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return the files of other platforms that are at the top, and what they say.

    Raises ConfigError for one that cannot be read.
    """
    files = [name for name in LOOKED_FOR if source.has(name)]
    # app.json is also what React Native and Expo call their own.
    found = {name: tuple(_read(source, name)) for name in files}
    return tuple(name for name, said in found.items() if said), tuple(
        each for said in found.values() for each in said
    )


def _read(source: Source, file: str) -> Iterator[Finding]:
    text = source.read_text(file)
    if file in _DOCKERFILES:
        yield from dockerfile.read(text, file)
    elif file == APTFILE:
        for number, line in enumerate(text.splitlines(), 1):
            name = line.partition("#")[0].strip()
            yield from values.packages((name,), file, number)
    else:
        yield from READERS[file](Table(_object(text, file), file, text))


def _object(text: str, file: str) -> dict[str, object]:
    try:
        if file.endswith(".toml"):
            return toml_table(text)
        data = json_value(text) if file.endswith(".json") else yaml.safe_load(text)
    except Malformed as error:
        raise ConfigError(error.what, file=file, line=error.line, tip=_TIP) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise ConfigError("not YAML that can be read", file=file, line=line, tip=_TIP) from error
    return data if isinstance(data, dict) else {}


_TIP: Final = "Correct it, or move it away: no build needs it."


def as_hop3_toml(
    files: tuple[str, ...], findings: tuple[Finding, ...], procfile: Procfile | None = None
) -> str:
    """Return the text of a hop3.toml; each line says where it comes from.

    Of several values for one key the first counts, and the others are named; what ``procfile`` says
    is left to it.
    """
    kept: dict[str, dict[str, Finding]] = {section: {} for section in SECTIONS}
    rest: list[Finding] = []
    for each in findings:
        why = _why_not(each, procfile) if each.section else str(each.value)
        there = kept[each.section].get(each.key) if each.section else None
        if why or not each.section:
            rest.append(each._replace(value=why))
        elif there is None:
            kept[each.section][each.key] = each
        elif isinstance(there.value, tuple) and isinstance(each.value, tuple):
            joined = tuple(dict.fromkeys((*there.value, *each.value)))
            kept[each.section][each.key] = there._replace(value=joined)
        elif there.value != each.value:
            rest.append(
                each._replace(value=f"{_line(each)}, but {there.place} says something else")
            )
    lines = [f"# Written by hop3-nix init from {', '.join(files)}."]
    for section, keys in kept.items():
        if keys:
            lines += ["", f"[{section}]"]
            lines += [f"{_line(each)}  # {each.place}" for each in keys.values()]
    if rest:
        lines += ["", "# What has no counterpart here:"]
        lines += dict.fromkeys(f"#   {each.place}: {_one_line(str(each.value))}" for each in rest)
    return "\n".join(lines) + "\n"


def _why_not(each: Finding, procfile: Procfile | None) -> str:
    """Return why ``each`` is not to stand in hop3.toml, empty if it is."""
    said = {entry.name for entry in procfile.entries} if procfile else set()
    if procfile and (
        (each.section == "run.workers" and each.key in said)
        or (each.key == "before-run" and said.intersection(HOOKS["run.before-run"]))
    ):
        return f"{_line(each)}, but {procfile.file} says what runs"
    try:
        read_config_file(f"[{each.section}]\n{_line(each)}\n", each.file)
    except InputError as error:
        return f"{_line(each)}: {error.message}"
    return ""


def _line(each: Finding) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", each.key)
    return f"{each.key if plain else _toml(each.key)} = {_toml(each.value)}"


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    # A TOML basic string is a JSON string that has no half of a surrogate pair.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
