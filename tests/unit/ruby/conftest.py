"""Plans of Ruby applications that consist of a few files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.plan import HostOffer, Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition
from ruby_apps import lockfile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hop3_nix.plan import BuildPlan

TARGET = Target(
    system="x86_64-linux",
    package_set="debian",
    offers=(
        Offer(language="ruby", version="3.3.8", attribute="ruby_3_3", libc="2.41"),
        Offer(language="ruby", version="3.1.2", attribute="ruby_3_1", libc="2.36"),
    ),
)


HOST = TARGET.model_copy(
    update={
        "on_host": True,
        "offers": (
            HostOffer(language="ruby", version="3.1.2", program="/usr/bin/ruby", libc="2.36"),
        ),
    }
)


@pytest.fixture
def on_host() -> Target:
    """Return a machine without Nix."""
    return HOST


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., BuildPlan]:
    """Return what plans an application made of ``files``; what is given goes before the usual."""

    def make(
        files: Mapping[str, str | None] | None = None, *, target: Target = TARGET
    ) -> BuildPlan:
        usual = {
            "Gemfile": 'source "https://index.example/"\ngem "rack"\ngem "puma"\n',
            "Gemfile.lock": lockfile("puma (6.0)", "rack (3.0)", needs="puma\n  rack"),
            "config.ru": "run App\n",
        }
        for name, text in {**usual, **(files or {})}.items():
            if text is None:
                continue
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        source = Source.open(tmp_path)
        return Composition.of(source, load_config(source)).plan(target)

    return make
