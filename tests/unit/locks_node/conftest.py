"""Apps with lockfiles of Node's package managers, and the platform they are read for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.locks.node.base import TargetNode
from hop3_nix.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> Callable[[dict[str, Any]], Source]:
    """Open an app that has the given files; what is no text is written as JSON."""

    def make(files: dict[str, Any]) -> Source:
        for name, content in files.items():
            path = tmp_path / "app" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        return Source.open(tmp_path / "app")

    return make


@pytest.fixture
def target() -> TargetNode:
    return TargetNode("x86_64-linux")
