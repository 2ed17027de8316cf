"""The plan and the expression of every example are what they were; ``--update`` rewrites them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from hop3_nix.config import load_config
from hop3_nix.nixlang import NixText
from hop3_nix.plan import BuildPlan, Dependency, LockedFile, Offer, Target
from hop3_nix.render import render
from hop3_nix.source import Source
from hop3_nix.toolchains.registry import detect

HERE: Final = Path(__file__).parent
EXAMPLES: Final = sorted(file.parent for file in HERE.parent.parent.glob("examples/*/expect.toml"))
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
    source = Source.open(example)
    config = load_config(source)
    return detect(source, config).plan(source, config, TARGET)


def compare(path: Path, text: str, *, update: bool) -> None:
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, f"if that is wanted: pytest {HERE.name} --update"


def at_example_address(file: Dependency) -> LockedFile:
    """Return ``file`` with an address that no test asks."""
    if isinstance(file, LockedFile):
        return file
    filename = file.filename or f"{file.name}-{file.version}.whl"
    return LockedFile(
        name=file.name,
        version=file.version,
        filename=filename,
        url=f"https://index.example/{filename}",
        sha256=file.sha256[0] if file.sha256 else "",
        integrity=file.integrity,
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_plan(example: Path, request: pytest.FixtureRequest) -> None:
    text = plan(example).model_dump_json(indent=2) + "\n"
    path = HERE / example.name / "plan.json"
    compare(path, text, update=request.config.getoption("--update"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_expression(example: Path, request: pytest.FixtureRequest) -> None:
    found = plan(example)
    located = found.model_copy(
        update={
            "dependencies": tuple(map(at_example_address, found.dependencies)),
            "build_dependencies": tuple(map(at_example_address, found.build_dependencies)),
        }
    )
    text = render(located, pkgs=NixText("import <nixpkgs> { }"))
    path = HERE / example.name / "hop3.nix"
    compare(path, text, update=request.config.getoption("--update"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_a_plan_survives_json(example: Path) -> None:
    found = plan(example)
    assert BuildPlan.model_validate_json(found.model_dump_json()) == found
