"""Reading hop3.toml: every mistake in it is an error with file, line and what to do."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from hop3_nix.config.recipes.reading import read_recipe
from hop3_nix.config.schema import Hop3Toml, Section
from hop3_nix.config.server import SERVER_NIX_KEYS, SERVER_SECTIONS
from hop3_nix.config.template import refuse_without_template
from hop3_nix.errors import ConfigError
from hop3_nix.files.tomlfile import Lines, key_lines, line_of, parse_toml
from hop3_nix.postbuild.credentials import (
    AT_RUN_TIME,
    READABLE,
    secret_in_text,
    secret_in_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from hop3_nix.config.recipes.keys import Recipe


def template_line(text: str, file: str) -> int | None:
    """Return the line of ``[nix] template``, 0 for one without a line of its own, None without it.

    Raises ConfigError if ``text`` is not TOML.
    """
    nix = parse_toml(text, file).get("nix")
    if not isinstance(nix, dict) or "template" not in nix:
        return None
    return line_of(key_lines(text), ("nix", "template")) or 0


class ConfigFile(NamedTuple):
    """A hop3.toml: its name, what it says, and where; without a name if there is none."""

    file: str
    toml: Hop3Toml
    lines: Lines
    recipe: Recipe | None = None
    """What ``[nix]`` says beside a template."""

    def line(self, *path: str) -> int | None:
        """Return the line of a key, or of the section that holds it."""
        return line_of(self.lines, path)


def read_config_file(text: str, file: str) -> ConfigFile:
    """Return what ``text`` says.

    Raises ConfigError for the first mistake in it, UnsupportedError for Nix in it.
    """
    sections = parse_toml(text, file)
    data = {name: sections[name] for name in sections if name not in SERVER_SECTIONS}
    lines = key_lines(text)
    # Also of what is passed over: the file itself is a part of the source.
    for path, value in _texts(sections):
        look = secret_in_value if path[0] == "env" else secret_in_text
        if secret := look(value):
            raise ConfigError(
                f"[{path[0]}] {'.'.join(path[1:])} has a secret in it ({secret}), {READABLE}",
                file=file,
                line=line_of(lines, path),
                tip=AT_RUN_TIME,
            )
    recipe = None
    if isinstance(nix := data.get("nix"), dict):
        refuse_without_template(nix, file, lines)
        if "template" in nix:
            recipe = read_recipe(nix, file, lines)
            data["nix"] = {}
    try:
        return ConfigFile(file, Hop3Toml.model_validate(data), lines, recipe)
    except ValidationError as error:
        mistakes = [_explain(detail, file, lines) for detail in error.errors()]
        raise min(mistakes, key=lambda mistake: mistake.line or 0) from error


def _texts(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each text below ``node``, with the names of the keys that lead to it."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _texts(value, (*path, name))
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, path)


def _explain(detail: ErrorDetails, file: str, lines: Lines) -> ConfigError:
    context: dict[str, Any] = detail.get("ctx", {})
    path = [str(part) for part in (*detail["loc"], *context.get("below", ()))]
    place = f"[{path[0]}] {'.'.join(path[1:])}".rstrip()
    match detail["type"]:
        case "hop3":
            what, tip = f"{place} {context['what']}", context["tip"]
        case "extra_forbidden":
            what = f"{place} is not a key" if path[1:] else f"{path[0]!r} is not a section"
            what, tip = f"{what} that is known", _nearest(path)
        case _:
            what, tip = f"{place} has to be a section", f"Put [{path[0]}] on a line of its own."
    return ConfigError(what, file=file, line=line_of(lines, path), tip=tip)


def _nearest(path: list[str]) -> str:
    """Return the tip for an unknown key: where it belongs, else the nearest one."""
    known = _known_keys(path[0]) if path[1:] else {*Hop3Toml.model_fields, *SERVER_SECTIONS}
    key = path[-1]
    homes = [f"[{name}]" for name in Hop3Toml.model_fields if key in _known_keys(name)]
    if homes:
        return f"It belongs into {' or '.join(homes)}."
    if near := get_close_matches(key.replace("_", "-").lower(), sorted(known), n=1):
        return f"Did you mean {near[0]}?"
    return "docs/hop3-toml.md lists the keys of each section."


def _known_keys(section: str) -> set[str]:
    model = Hop3Toml.model_fields[section].annotation if section in Hop3Toml.model_fields else None
    if not (isinstance(model, type) and issubclass(model, Section)):
        return set()
    keys = {field.alias or name for name, field in model.model_fields.items()}
    return keys | SERVER_NIX_KEYS if section == "nix" else keys
