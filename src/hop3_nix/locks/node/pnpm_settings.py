"""The settings of pnpm that decide what can be required: .npmrc, and since 10 the workspace file.

See https://pnpm.io/settings#dependency-hoisting-settings.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.base import Place
from hop3_nix.locks.node.workspaces import PNPM_WORKSPACE
from hop3_nix.locks.node.yamlfile import YamlFile

if TYPE_CHECKING:
    from hop3_nix.source import Source

_NPMRC: Final = ".npmrc"
_NAMES: Final = {
    "node-linker": "nodeLinker",
    "shamefully-hoist": "shamefullyHoist",
    "public-hoist-pattern": "publicHoistPattern",
}
"""How .npmrc calls what the workspace file has."""


@dataclass(frozen=True)
class Settings:
    """Which packages lie, or are linked, at the top of node_modules, by patterns of names."""

    public: tuple[str, ...] = ()

    def is_public(self, name: str) -> bool:
        """Return whether the app may require ``name`` without depending on it."""
        found = False
        for pattern in self.public:
            if fnmatch.fnmatchcase(name, pattern.removeprefix("!")):
                found = not pattern.startswith("!")
        return found


def read_settings(source: Source) -> Settings:
    """Return what the app says. Raises LockError for a layout that is not made here."""
    said: dict[str, tuple[Any, str]] = {key: (value, _NPMRC) for key, value in _npmrc(source)}
    if source.has(PNPM_WORKSPACE):
        data = YamlFile(source, PNPM_WORKSPACE, "Mend it: it has to be a YAML object.").data
        said |= {key: (data[key], PNPM_WORKSPACE) for key in _NAMES.values() if key in data}
    linker, file = said.get("nodeLinker", ("isolated", ""))
    if linker not in {"isolated", "hoisted"}:
        raise Place(file).error(
            f"nodeLinker is {linker!r}, which is not made here",
            tip="There are isolated (the default) and hoisted.",
        )
    hoisted, _ = said.get("shamefullyHoist", (False, ""))
    if linker == "hoisted" or hoisted in {True, "true"}:
        return Settings(("*",))
    patterns, _ = said.get("publicHoistPattern", ((), ""))
    listed = [patterns] if isinstance(patterns, str) else patterns
    return Settings(tuple(each for each in listed or () if isinstance(each, str)))


def _npmrc(source: Source) -> list[tuple[str, Any]]:
    found: dict[str, Any] = {}
    for line in source.read_text(_NPMRC).splitlines() if source.has(_NPMRC) else ():
        key, _, value = (part.strip() for part in line.partition("="))
        name = _NAMES.get(key.removesuffix("[]"))
        if name is None:
            continue
        value = value.strip("\"'")
        found[name] = [*found.get(name, ()), value] if key.endswith("[]") else value
    return list(found.items())
