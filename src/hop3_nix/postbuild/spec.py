"""SPEC.json: what the step is given."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, fields
from typing import Any, Final

READ: Final = "read"
"""The mode of an artifact that somebody has made, and that is about to be used here."""


class SpecError(ValueError):
    """The specification is not what this step takes."""


@dataclass(frozen=True)
class Spec:
    """What to finish and verify; docs/post-build.md describes each field."""

    mode: str
    app_name: str
    shell: str
    path: list[str]
    working_dir: str
    workers: dict[str, str]
    store: str = "/nix/store"
    env: dict[str, str] = field(default_factory=dict)
    defaults: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)
    before_run: list[str] = field(default_factory=list)
    static_paths: dict[str, str] = field(default_factory=dict)
    tree: str = ""
    writable_tree: str = ""
    writable: list[str] = field(default_factory=list)
    healthcheck_path: str = ""
    healthcheck_timeout: int = 30
    healthcheck_contains: str = ""
    backend_protocol: str = "http"
    start: dict[str, Any] = field(default_factory=dict)
    closure: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)

    @property
    def moved_tree(self) -> str:
        """Return the app's tree, of which whoever starts the app may name another copy."""
        return (self.writable_tree or self.tree or self.working_dir).rstrip("/")

    @property
    def whole_tree(self) -> str:
        """Return the directory that holds all of the app's files."""
        return os.path.normpath(self.tree or self.working_dir)

    @classmethod
    def read(cls, path: str) -> Spec:
        """Return the specification in the JSON file ``path``. Raises SpecError."""
        try:
            with open(path, "rb") as file:
                data = json.load(file)
            for name, kind in ((known.name, str(known.type)) for known in fields(cls)):
                if name in data and not _is_a(kind, data[name]):
                    raise SpecError(f"{name} is not {kind}")
            spec = cls(**data)
        except (OSError, ValueError, TypeError) as error:
            raise SpecError(f"{path}: {error}") from error
        if spec.mode not in {"nix", "local"}:
            raise SpecError(f"{path}: mode is neither nix nor local")
        if spec.backend_protocol not in {"http", "fastcgi"}:
            raise SpecError(f"{path}: backend_protocol is neither http nor fastcgi")
        if not os.access(spec.shell, os.X_OK) or re.search(r"\s", spec.shell):
            raise SpecError(f"{path}: shell: {spec.shell!r} cannot be run")
        return spec


def _is_a(kind: str, value: object) -> bool:
    if kind == "dict[str, str]" and isinstance(value, dict):
        return all(_is_a("str", item) for pair in value.items() for item in pair)
    if kind == "list[str]" and isinstance(value, list):
        return all(_is_a("str", item) for item in value)
    if kind == "dict[str, Any]":
        return isinstance(value, dict)
    if kind == "int":
        return type(value) is int and value > 0
    return kind == "str" and isinstance(value, str) and not re.search("[\0\ud800-\udfff]", value)
