"""The names of what a project asks for, read where no lockfile says what it gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from hop3_nix.errors import InputError
from hop3_nix.locks.python.requirements_text import read_lines
from hop3_nix.toolchains.python.pyproject import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.source import Source
    from hop3_nix.toolchains.python.project import Project

_NAME: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?")
_WITH: Final = {"fastapi": ("uvicorn", "fastapi-cli"), "uvicorn": ()}
"""What the extras of a package bring of what starts applications."""


def declared_names(source: Source, project: Project) -> frozenset[str]:
    """Return the names, normalised, in the files that a lockfile would be made from."""
    pyproject = project.pyproject
    texts = [*pyproject.strings("project", "dependencies")]
    for table in (
        pyproject.table("tool", "poetry", "dependencies"),
        read_toml(source, "Pipfile").table("packages"),
    ):
        texts += table
    texts += _required(source)
    found: set[str] = set()
    for text in texts:
        if match := _NAME.match(text):
            name = canonicalize_name(match[1])
            found |= {name, *(_WITH.get(name, ()) if match[2] else ())}
    return frozenset(found)


def _required(source: Source) -> Iterable[str]:
    try:
        lines = read_lines(source, "requirements.txt") if source.has("requirements.txt") else ()
        return [line.text for line in lines if not line.text.startswith("-")]
    except InputError:
        # What is wrong with them is the error that has led here.
        return ()
