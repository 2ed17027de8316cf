"""Reading pyproject.toml and its TOML relatives, with the line of what was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hop3_nix.files.tomlfile import key_lines, line_of, parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.source import Source


@dataclass(frozen=True)
class Document:
    """A TOML file of the app, empty if the app does not have it."""

    file: str
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def table(self, *keys: str) -> Mapping[str, Any]:
        """Return the table at ``keys``, empty if there is none."""
        found: Any = self.data
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def string(self, *keys: str) -> str:
        """Return the string at ``keys``, empty if there is none."""
        value = self.table(*keys[:-1]).get(keys[-1])
        return value if isinstance(value, str) else ""

    def strings(self, *keys: str) -> tuple[str, ...]:
        """Return the strings of the list at ``keys``, empty if there is none."""
        value = self.table(*keys[:-1]).get(keys[-1])
        items = value if isinstance(value, list) else []
        return tuple(item for item in items if isinstance(item, str))

    def line(self, *keys: str) -> int | None:
        """Return the line, from 1, of the nearest key or table that holds ``keys``."""
        return line_of(key_lines(self.text), keys)


def read_toml(source: Source, file: str) -> Document:
    """Return ``file`` of the app. Raises ConfigError, with the line, if it is not TOML."""
    if not source.has(file):
        return Document(file=file)
    text = source.read_text(file)
    return Document(file=file, text=text, data=parse_toml(text, file))
