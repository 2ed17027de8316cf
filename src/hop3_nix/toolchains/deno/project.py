"""What deno.json says, and where its lockfile is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import ConfigError
from hop3_nix.files.documents import json_value
from hop3_nix.files.regularfile import Malformed
from hop3_nix.locks.jsonc import plain_json
from hop3_nix.toolchains.node.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.source import Source

CONFIGS: Final = ("deno.json", "deno.jsonc")
LOCK: Final = "deno.lock"
MANIFEST: Final = "package.json"

_CODE: Final = (".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs")
_REMOTE: Final = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["'](?:npm:|jsr:|https?://)[^"']+["']"""
)
_BY_ADDRESS: Final = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']https?://""")


@dataclass(frozen=True)
class Project:
    """The content of deno.json, and what of it matters here."""

    file: str
    data: dict[str, Any]
    text: str
    lock: str
    """The path of the lockfile; empty if it is turned off."""
    scripts: Mapping[str, str] = field(default_factory=dict)

    @property
    def tasks(self) -> dict[str, str]:
        """Return the command of each task that has one; scripts of package.json are tasks too."""
        tasks = self.data.get("tasks")
        found = dict(self.scripts)
        for name, said in tasks.items() if isinstance(tasks, dict) else ():
            command = said.get("command") if isinstance(said, dict) else said
            if isinstance(command, str):
                found[name] = command
        return found

    def alone(self, task: str) -> bool:
        """Return whether ``task`` needs no other one first."""
        tasks = self.data.get("tasks")
        return isinstance(tasks, dict) and isinstance(tasks.get(task), str)

    def line(self, key: str) -> int | None:
        """Return where ``key`` stands."""
        found = re.search(rf'"{re.escape(key)}"\s*:', self.text)
        return self.text.count("\n", 0, found.start()) + 1 if found else None


def read_project(source: Source) -> Project:
    """Return what deno.json says; raises ConfigError, with the line, if it is no object."""
    file = next((name for name in CONFIGS if source.has(name)), "")
    text = source.read_text(file) if file else "{}"
    try:
        data = json_value(plain_json(text))
    except Malformed as error:
        raise ConfigError(error.what, file=file, line=error.line, tip="Mend it.") from error
    if not isinstance(data, dict):
        raise ConfigError("not a JSON object", file=file, line=1, tip="Write an object: { ... }")
    said = data.get("lock")
    path = said.get("path") if isinstance(said, dict) else said
    lock = "" if path is False else path if isinstance(path, str) else LOCK
    return Project(file, data, text, lock.removeprefix("./"), read_manifest(source).scripts)


def has_modules(source: Source, project: Project) -> bool:
    """Return whether npm's packages are in node_modules, and not in Deno's own cache alone."""
    said = project.data.get("nodeModulesDir")
    return source.has(MANIFEST) if said is None else said in ("auto", "manual", True)


def remote_import(source: Source, project: Project) -> tuple[str, int | None]:
    """Return the file, and the line, of an import that has to be fetched; empty if none is."""
    imports = project.data.get("imports")
    for value in imports.values() if isinstance(imports, dict) else ():
        if isinstance(value, str) and value.startswith(("npm:", "jsr:", "https:", "http:")):
            return project.file, project.line("imports")
    for path in source.files:
        if path.endswith(_CODE) and "node_modules/" not in path:
            text = source.read_text(path)
            if found := _REMOTE.search(text):
                return path, text.count("\n", 0, found.start()) + 1
    return "", None


def importing_by_address(source: Source) -> tuple[str, ...]:
    """Return the files with an import of an address, which deno.json does not list."""
    return tuple(
        path
        for path in source.files
        if path.endswith(_CODE)
        and "node_modules/" not in path
        and _BY_ADDRESS.search(source.read_text(path))
    )
