"""Plans of PHP applications that consist of a few files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.packagesets.debian_definition import read_definition
from hop3_nix.plan import Offer, Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hop3_nix.plan import BuildPlan

TARGET = Target(
    system="x86_64-linux",
    package_set="debian",
    offers=(
        Offer(language="php", version="8.4.28", attribute="php84", libc="2.41"),
        Offer(language="php", version="8.2.36", attribute="php82", libc="2.41"),
    ),
    packages=frozenset(read_definition().attributes),
)


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., BuildPlan]:
    """Return what plans an application made of ``files``."""

    def make(files: Mapping[str, str], *, target: Target = TARGET) -> BuildPlan:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        source = Source.open(tmp_path)
        return Composition.of(source, load_config(source)).plan(target)

    return make
