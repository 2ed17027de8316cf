"""The version of a project whose back end asks git for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.source import Source
from hop3_nix.toolchains.python.project import read_project
from hop3_nix.toolchains.python.scm import scm_version

if TYPE_CHECKING:
    from collections.abc import Callable

PYPROJECT = """\
[build-system]
requires = ["setuptools>=64", "REQUIRES"]
build-backend = "setuptools.build_meta"
[project]
name = "shop"
dynamic = ["version"]
"""


@pytest.fixture
def version(
    app: Callable[[dict[str, str]], Source], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    def ask(*tags: str, requires: str = "setuptools-scm>=8", more: str = "") -> Any:
        monkeypatch.setattr(Source, "head_tags", lambda _source: tags)
        text = PYPROJECT.replace("REQUIRES", requires) + more
        source = app({"pyproject.toml": text, "shop.py": ""})
        return scm_version(source, read_project(source))

    return ask


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("v1.4.2",), "1.4.2"),
        (("1.4.2", "v1.10.0", "nightly"), "1.10.0"),
        (("shop-2.0rc1",), "2.0rc1"),
        (("shop/v2.0.post1",), "2.0.post1"),
        (("nightly", "vx"), "0"),
        ((), "0"),
    ],
)
def test_the_highest_version_among_the_tags_is_taken(
    version: Any, tags: tuple[str, ...], expected: str
) -> None:
    found, (evidence,) = version(*tags)
    assert found == expected
    assert evidence.file == ".git"
    assert ("[metadata] version" in evidence.reason) == (expected == "0")


@pytest.mark.parametrize("name", ["setuptools_scm[toml]", "hatch-vcs", "uv-dynamic-versioning"])
def test_every_asking_back_end_is_known_and_named(version: Any, name: str) -> None:
    found, (evidence,) = version("v3.1", requires=name)
    assert found == "3.1"
    assert name.partition("[")[0].replace("_", "-") in evidence.reason


@pytest.mark.parametrize(
    ("requires", "more"), [("wheel", ""), ("setuptools-scm", 'version = "1.0"\n')]
)
def test_git_is_not_asked_where_nobody_asks_for_it(version: Any, requires: str, more: str) -> None:
    assert version("v3.1", requires=requires, more=more) == ("", ())
