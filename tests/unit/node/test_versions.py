"""Which Node an app gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hop3_nix.errors import UnsupportedError
from hop3_nix.plan import BuildPlan, Target

Plan = Callable[..., BuildPlan]


def files(engines: str = "", **more: str) -> dict[str, Any]:
    manifest = {"main": "a.js", **({"engines": {"node": engines}} if engines else {})}
    named = {
        "hop3": "hop3.toml",
        "nvmrc": ".nvmrc",
        "node_version": ".node-version",
        "asdf": ".tool-versions",
    }
    return {"package.json": manifest, "a.js": "", **{named[key]: more[key] for key in more}}


def version_of(plan: BuildPlan) -> str:
    return [why.choice for why in plan.evidence if why.choice.startswith("node ")][-1].split()[1]


def test_the_first_offer_if_nothing_asks(plan: Plan) -> None:
    assert version_of(plan(files())) == "22.20.0"


@pytest.mark.parametrize(
    ("engines", "version"),
    [
        ("20.x", "20.18.0"),
        (">=18", "22.20.0"),
        (">= 24", "24.19.0"),
        ("^20 || ^24", "20.18.0"),
        ("18 - 20", "20.18.0"),
        ("v20", "20.18.0"),
        ("*", "22.20.0"),
        ("<22", "20.18.0"),
        ("~24.19", "24.19.0"),
    ],
)
def test_engines_are_ranges_of_npm(plan: Plan, engines: str, version: str) -> None:
    assert version_of(plan(files(engines))) == version


@pytest.mark.parametrize(
    ("file", "text", "version"),
    [
        ("nvmrc", "20\n", "20.18.0"),
        ("nvmrc", "v20.11.1\n", "20.18.0"),
        ("nvmrc", "lts/*\n", "24.19.0"),
        ("nvmrc", "lts/iron\n", "20.18.0"),
        ("nvmrc", "node\n", "24.19.0"),
        ("node_version", "24.19.0\n", "24.19.0"),
        ("asdf", "python 3.13\nnodejs 24.19.0 # why\n", "24.19.0"),
        ("hop3", '[build]\nnode-version = "20"\n', "20.18.0"),
    ],
)
def test_files_pin_a_version(plan: Plan, file: str, text: str, version: str) -> None:
    found = plan(files(**{file: text}))
    assert version_of(found) == version


def test_hop3_toml_goes_before_nvmrc(plan: Plan) -> None:
    both = files(hop3='[build]\nnode-version = "24"\n', nvmrc="20\n")
    assert version_of(plan(both)) == "24.19.0"


def test_a_pin_and_engines_have_to_agree(plan: Plan) -> None:
    with pytest.raises(UnsupportedError, match=r"^\.nvmrc:1: Node 20 is asked for, and engines"):
        plan(files(">=22", nvmrc="20\n"))


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (files(">=26"), r"^package\.json:4: the app needs Node '>=26', and debian has 22\.20\.0"),
        (files(nvmrc="16\n"), r"^\.nvmrc:1: Node 16 is asked for, and debian has 22\.20\.0"),
        (files(nvmrc="lts/steel\n"), r"^\.nvmrc:1: 'lts/steel' is no line"),
        (files("a newer one"), r"^package\.json:4: 'a newer one' is no range of versions"),
    ],
)
def test_what_is_not_offered_is_an_error(plan: Plan, case: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message) as error:
        plan(case)
    assert error.value.tip


def test_a_package_set_without_node(plan: Plan) -> None:
    empty = Target(system="x86_64-linux", package_set="this machine", offers=())
    with pytest.raises(UnsupportedError, match="this machine has no Node"):
        plan(files(), empty)
