"""Node apps made of a few files, what a package set offers, and programs that answer by rote."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.config import load_config
from hop3_nix.plan import AnyOffer, BuildPlan, Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition
from unenclosed import Unenclosed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DIGEST = "sha512-" + "A" * 86 + "=="


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
            Offer(language="node", version="22.20.0", attribute="nodejs-slim_22", libc="2.41"),
            Offer(language="python", version="3.13.5", attribute="python313", libc="2.41"),
            Offer(language="node", version="20.18.0", attribute="nodejs-slim_20", libc="2.41"),
            Offer(language="node", version="24.19.0", attribute="nodejs-slim_24", libc="2.41"),
        ),
    )


@pytest.fixture
def plan(app: Callable[[dict[str, Any]], Source], target: Target) -> Callable[..., BuildPlan]:
    def make(files: dict[str, Any], on: Target = target) -> BuildPlan:
        source = app(files)
        checked = Composition.of(source, load_config(source)).check(on)
        # Most of these applications have a package.json and a lockfile, and no code.
        wrong = [each for each in checked.errors if not each.message.endswith("no such file")]
        return replace(checked, errors=tuple(wrong)).usable()

    return make


def locked(*names: str, **groups: dict[str, str]) -> dict[str, Any]:
    """Return a package-lock.json with ``names`` at version 1.0.0, for a manifest of ``groups``."""
    entries = {f"node_modules/{name}": {"version": "1.0.0", "integrity": DIGEST} for name in names}
    return {"lockfileVersion": 3, "packages": {"": groups, **entries}}


@pytest.fixture
def lock() -> Callable[..., dict[str, Any]]:
    return locked


@dataclass
class FakeTools(Unenclosed):
    """Answers in the order in which it is asked; an exception is raised."""

    answers: list[Any] = field(default_factory=list)
    calls: list[list[str]] = field(default_factory=list)

    def program(self, offer: AnyOffer, name: str) -> Path:
        return Path("/set", offer.named, "bin", name)

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        del env
        self.calls.append([*argv])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


@pytest.fixture
def tools() -> Callable[..., FakeTools]:
    return lambda *answers: FakeTools(list(answers))
