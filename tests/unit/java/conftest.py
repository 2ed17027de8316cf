"""Plans of Java applications that consist of a few files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.source import Source
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.composition import Composition
from java_apps import TARGET, lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hop3_nix.plan import BuildPlan


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], App]:
    """Return what makes an application of files."""

    def write(files: Mapping[str, str]) -> App:
        root = tmp_path / "shop"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        source = Source.open(root)
        return App(source, load_config(source))

    return write


@pytest.fixture
def plan(write: Callable[[Mapping[str, str]], App]) -> Callable[..., BuildPlan]:
    """Return what plans an application of files, which is locked for ``jdk`` unless it says."""

    def plan(files: Mapping[str, str], *, jdk: str = "21") -> BuildPlan:
        app = write({"hop3-nix.lock": lock(files, jdk=jdk), **files})
        return Composition.of(app.source, app.config).plan(TARGET)

    return plan
