"""Applications of languages that cannot be built are never taken for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import UnsupportedError
from hop3_nix.source import Source
from hop3_nix.toolchains import registry
from hop3_nix.toolchains.composition import Composition
from hop3_nix.toolchains.others import OTHERS

if TYPE_CHECKING:
    from pathlib import Path


def main_of(root: Path, *files: str, **texts: str) -> str:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}" if name.endswith("json") else "")
    for name, text in texts.items():
        (root / name.replace("__", ".")).write_text(text)
    source = Source.open(root)
    return Composition.of(source, load_config(source)).choice.main.name


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.name)
def test_each_is_refused_beside_pages_and_a_package_json(tmp_path: Path, other: object) -> None:
    assert isinstance(other, type(OTHERS[0]))
    file = other.files[0].replace("*", "shop")
    with pytest.raises(UnsupportedError, match="is not supported yet; there are: Python") as caught:
        main_of(tmp_path, file, "index.html", "package.json")
    assert str(caught.value).startswith(f"{file}: {other.title} ({file}) is not supported")
    assert "[build] toolchain" in caught.value.tip


def test_no_row_is_left_for_a_language_that_is_there() -> None:
    assert not {other.name for other in OTHERS} & {each.name for each in registry.known()}


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (("pyproject.toml", "Cargo.toml"), "python"),
        (("Gemfile", "go.mod"), "ruby"),
        (("package.json", "package-lock.json", "bun.lock"), "node"),
        (("package.json", "docs/index.html"), "node"),
    ],
)
def test_a_language_that_is_there_goes_before(
    tmp_path: Path, files: tuple[str, ...], name: str
) -> None:
    assert main_of(tmp_path, *files) == name


def test_hop3_toml_settles_it(tmp_path: Path) -> None:
    text = '[build]\ntoolchain = "node"\n'
    assert main_of(tmp_path, "composer.json", "package.json", hop3__toml=text) == "node"


def test_a_site_that_is_declared_may_be_made_by_anything(tmp_path: Path) -> None:
    text = '[build]\nstatic-dir = "site"\n'
    assert main_of(tmp_path, "mix.exs", "site/index.html", hop3__toml=text) == "static"


@pytest.mark.parametrize("page", ["site/contact.php", "site/a/b.PHTML", "site/x.jsp"])
def test_a_site_never_shows_the_source_of_a_page(tmp_path: Path, page: str) -> None:
    text = '[build]\nstatic-dir = "site"\n'
    with pytest.raises(UnsupportedError, match="would show its source") as caught:
        main_of(tmp_path, "site/index.html", page, hop3__toml=text)
    assert (caught.value.file, caught.value.line) == ("hop3.toml", 2)
