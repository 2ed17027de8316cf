"""Which Ruby an app gets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hop3_nix.errors import UnsupportedError
from hop3_nix.plan import BuildPlan
from hop3_nix.toolchains.ruby.versions import admits

Plan = Callable[..., BuildPlan]

GEMS = 'gem "rack"\ngem "puma"\n'


def version_of(plan: BuildPlan) -> str:
    return [why.choice for why in plan.evidence if why.choice.startswith("ruby ")][-1].split()[1]


def test_the_first_offer_if_nothing_asks(plan: Plan) -> None:
    assert version_of(plan()) == "3.3.8"


@pytest.mark.parametrize(
    ("file", "text", "version"),
    [
        (".ruby-version", "3.1\n", "3.1.2"),
        (".ruby-version", "ruby-3.1.4\n", "3.1.2"),
        (".ruby-version", "3.1.2p20\n", "3.1.2"),
        (".tool-versions", "nodejs 20\nruby 3.1.6\n", "3.1.2"),
        ("hop3.toml", '[build]\nruby-version = "3.1"\n', "3.1.2"),
        ("hop3.toml", '[build]\nruby-version = "~> 3.0, < 3.3"\n', "3.1.2"),
        ("Gemfile", f'ruby "~> 3.1.0"\n{GEMS}', "3.1.2"),
        ("Gemfile", f'ruby "3.1.2"\n{GEMS}', "3.1.2"),
        ("Gemfile", f'ruby ">= 3.0", "< 3.2"\n{GEMS}', "3.1.2"),
        ("Gemfile", f'ruby ">= 3.0"\n{GEMS}', "3.3.8"),
    ],
)
def test_each_place_that_says_one(plan: Plan, file: str, text: str, version: str) -> None:
    assert version_of(plan({file: text})) == version


def test_the_lockfile_says_the_last_word(plan: Plan) -> None:
    lock = "GEM\n  specs:\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n\nRUBY VERSION\n   ruby 3.1.0p0\n"
    files = {"Gemfile": "", "Gemfile.lock": lock, "a.rb": "", "Procfile": "web: ruby a.rb\n"}
    assert version_of(plan(files)) == "3.1.2"
    assert version_of(plan({**files, "Gemfile": 'ruby ">= 3"\n'})) == "3.3.8"


def test_a_file_that_the_gemfile_names_is_a_bound_like_its_own(plan: Plan) -> None:
    files = {"Gemfile": f'ruby file: ".ruby-version"\n{GEMS}', ".ruby-version": "3.1.2\n"}
    assert version_of(plan(files)) == "3.1.2"
    with pytest.raises(UnsupportedError) as caught:
        plan({**files, ".ruby-version": "3.1.4\n"})
    assert str(caught.value).startswith(".ruby-version:1: Ruby 3.1.4 is asked for, and Gemfile's")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({".ruby-version": "2.7.8\n"}, ".ruby-version:1: Ruby 2.7.8 is asked for, and debian has"),
        ({".ruby-version": "jruby-9.4\n"}, ".ruby-version:1: 'jruby-9.4' is no requirement"),
        (
            {"Gemfile": f'ruby "3.3.1"\n{GEMS}'},
            "Gemfile:1: the app needs Ruby '3.3.1', and debian has 3.3.8, 3.1.2",
        ),
        (
            {"Gemfile": f'ruby "~> 3.3"\n{GEMS}', ".ruby-version": "3.1\n"},
            ".ruby-version:1: Ruby 3.1 is asked for, and ruby is '~> 3.3' (Gemfile:1)",
        ),
    ],
)
def test_what_is_not_offered_is_an_error(plan: Plan, files: dict[str, str], says: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        plan(files)
    assert str(caught.value).startswith(says)
    assert caught.value.tip


@pytest.mark.parametrize(
    ("sign", "bound", "admitted", "refused"),
    [
        ("=", (3, 1), (3, 1, 0), (3, 1, 2)),
        ("!=", (3, 1), (3, 1, 2), (3, 1, 0)),
        (">", (3, 1), (3, 1, 1), (3, 1, 0)),
        (">=", (3, 1, 2), (3, 1, 2), (3, 1, 1)),
        ("<", (3, 2), (3, 1, 9), (3, 2, 0)),
        ("<=", (3, 1), (3, 1, 0), (3, 1, 1)),
        ("~>", (3, 1), (3, 9, 0), (4, 0, 0)),
        ("~>", (3, 1, 2), (3, 1, 9), (3, 2, 0)),
        ("~>", (3, 1, 2), (3, 1, 2), (3, 1, 1)),
    ],
)
def test_requirements_are_those_of_rubygems(
    sign: str, bound: tuple[int, ...], admitted: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    assert admits(sign, bound, admitted)
    assert not admits(sign, bound, refused)
