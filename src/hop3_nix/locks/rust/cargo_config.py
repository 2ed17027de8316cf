"""The application's own .cargo/config.toml: where its crates are, and what it is built for."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.source import Source

FILES: Final = (".cargo/config", ".cargo/config.toml")
"""Where cargo looks; of two, it takes the first."""


@dataclass(frozen=True)
class CargoConfig:
    """What of the file planning has to know."""

    file: str = ""
    vendored: Mapping[str, str] = field(default_factory=dict)
    """The directory that stands for each source of crates, if it is one of the application's."""
    target: str = ""
    """What is compiled for, if that is said."""
    target_line: int | None = None


def read_config(source: Source) -> CargoConfig:
    """Return what the application's configuration says. Raises LockError if it is no TOML."""
    file = next((file for file in FILES if source.has(file)), "")
    if not file:
        return CargoConfig()
    text = LockText.of(source, file)
    data = text.toml("Correct it: cargo reads the same file.")
    target = _at(data, "build", "target")
    vendored = {
        name: posixpath.normpath(directory)
        for name in _sources_of(data)
        if isinstance(directory := _at(data, "source", name, "directory"), str)
        and any(each.startswith(f"{posixpath.normpath(directory)}/") for each in source.files)
    }
    return CargoConfig(
        file,
        vendored,
        target if isinstance(target, str) else "",
        text.key("build", "target").line,
    )


def _sources_of(data: dict[str, Any]) -> list[str]:
    """Return the sources that stand for that of crates in the end: the name of the last."""
    name: Any = "crates-io"
    seen: list[str] = []
    while isinstance(name, str) and name not in seen:
        seen.append(name)
        name = _at(data, "source", name, "replace-with")
    return seen[-1:]


def _at(data: Any, *path: str) -> Any:
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data
