"""Deno apps made of a few files, and what a package set offers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.plan import BuildPlan, Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> Callable[[dict[str, Any]], Source]:
    """Open an app that has the given files; what is no text is written as JSON."""

    def make(files: dict[str, Any]) -> Source:
        for name, content in files.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        return Source.open(tmp_path / "shop")

    return make


@pytest.fixture
def target() -> Target:
    return Target(
        system="x86_64-linux",
        package_set="debian",
        offers=(
            Offer(language="deno", version="2.9.6", attribute="deno", libc="2.36"),
            Offer(language="node", version="22.20.0", attribute="nodejs-slim_22", libc="2.36"),
            Offer(language="python", version="3.13.5", attribute="python313", libc="2.41"),
        ),
    )


@pytest.fixture
def plan(app: Callable[[dict[str, Any]], Source], target: Target) -> Callable[..., BuildPlan]:
    def make(files: dict[str, Any]) -> BuildPlan:
        source = app(files)
        checked = Composition.of(source, load_config(source)).check(target)
        # Most of these applications have a package.json and a lockfile, and no code.
        wrong = [each for each in checked.errors if not each.message.endswith("no such file")]
        return replace(checked, errors=tuple(wrong)).usable()

    return make
