"""The plan and the expression of every example are what they were; ``--update`` rewrites them."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from examples import EXAMPLES, at_example_addresses, expected, outline
from hop3_nix.config import load_config
from hop3_nix.plan import BuildPlan, Offer, Target
from hop3_nix.rendering.expression import render
from hop3_nix.rendering.nixlang import NixText
from hop3_nix.rendering.renderedfrom import rendered_from
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

HERE: Final = Path(__file__).parent
TARGET: Final = Target(
    system="x86_64-linux",
    package_set="example",
    offers=(
        Offer(language="python", version="3.13.5", attribute="python313", libc="2.41"),
        Offer(language="python", version="3.11.2", attribute="python311", libc="2.36"),
        Offer(language="node", version="22.20.0", attribute="nodejs-slim_22", libc="2.41"),
        Offer(language="node", version="20.18.0", attribute="nodejs-slim_20", libc="2.41"),
    ),
)


def plan(example: Path) -> BuildPlan:
    return planned(example)[0]


@cache
def planned(example: Path) -> tuple[BuildPlan, dict[str, str]]:
    """Return the plan, and the digests of the files that it was made from."""
    with tempfile.TemporaryDirectory() as directory:
        made = "made" in expected(example)
        tree = outline(example, Path(directory, example.name)) if made else example
        source = Source.open(tree)
        found = Composition.of(source, load_config(source)).plan(target(example))
        return found, rendered_from(source, found)


def target(example: Path) -> Target:
    """Return what there is to build with; an example may say what it has to find there."""
    offers = tuple(Offer.model_validate(offer) for offer in expected(example).get("offer", []))
    return TARGET.model_copy(update={"offers": (*offers, *TARGET.offers)})


def compare(path: Path, text: str, *, update: bool) -> None:
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, f"if that is wanted: pytest {HERE.name} --update"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_plan(example: Path, request: pytest.FixtureRequest) -> None:
    text = plan(example).model_dump_json(indent=2) + "\n"
    path = HERE / example.name / "plan.json"
    compare(path, text, update=request.config.getoption("--update"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_expression(example: Path, request: pytest.FixtureRequest) -> None:
    found, digests = planned(example)
    located = at_example_addresses(found)
    text = render(located, pkgs=NixText("import <nixpkgs> { }"), digests=digests)
    path = HERE / example.name / "hop3.nix"
    compare(path, text, update=request.config.getoption("--update"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_a_plan_survives_json(example: Path) -> None:
    found = plan(example)
    assert BuildPlan.model_validate_json(found.model_dump_json()) == found
