"""What mise.toml asks for: the versions that mise installs of any language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hop3_nix.files.tomlfile import key_lines, line_of, parse_toml
from hop3_nix.toolchains.versions import Written

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

FILES: Final = (
    "mise.toml",
    ".mise.toml",
    "mise/config.toml",
    ".mise/config.toml",
    ".config/mise.toml",
    ".config/mise/config.toml",
)
"""Where mise looks, the file that goes before the others first."""

_ANY: Final = ("latest", "system")


def in_mise(*names: str) -> Callable[[App], Written | None]:
    """Return what pins by mise's files, under one of ``names`` of a tool."""
    return lambda app: app.read(_tools).get_first(names)


class _Tools(dict[str, Written]):
    def get_first(self, names: tuple[str, ...]) -> Written | None:
        return next((self[name] for name in names if name in self), None)


def _tools(source: Source) -> _Tools:
    """Return what each tool is asked for in. Raises ConfigError if a file is no TOML."""
    found = _Tools()
    for file in FILES:
        if not source.has(file):
            continue
        text = source.read_text(file)
        tools = parse_toml(text, file).get("tools")
        for name, said in tools.items() if isinstance(tools, dict) else ():
            version = _version(said)
            if version and version not in _ANY:
                line = line_of(key_lines(text), ("tools", name))
                found.setdefault(name.removeprefix("core:"), Written(version, file, line))
    return found


def _version(said: Any) -> str:
    """Return the first version of what a tool has: a text, a table, or a list of these."""
    if isinstance(said, list):
        return _version(said[0]) if said else ""
    if isinstance(said, dict):
        return _version(said.get("version", ""))
    return said.strip().removeprefix("prefix:") if isinstance(said, str) else ""
