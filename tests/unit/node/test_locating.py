"""Addresses of what the lockfile gives none for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hop3_nix.errors import LockError, ToolError, UnavailableError
from hop3_nix.plan import LockedFile, Target
from hop3_nix.toolchains.node.registry import locate_plan

Make = Callable[..., Any]


@pytest.fixture
def unlocated(plan: Make, lock: Make) -> Any:
    wanted = {"dependencies": {"left": "^1", "@me/right": "^1"}}
    manifest = {**wanted, "scripts": {"start": "node a"}}
    return plan(
        {"package.json": manifest, "package-lock.json": lock("left", "@me/right", **wanted)}
    )


def urls(plan: Any) -> list[str]:
    return [file.url for file in plan.dependencies if isinstance(file, LockedFile)]


def test_npm_is_asked_for_the_registry_of_each_scope(
    unlocated: Any, target: Target, tools: Make
) -> None:
    npm = tools("registry=https://index.example/\n@me:registry=https://me.example/npm\n")
    assert urls(locate_plan(unlocated, target.offers_for("node")[0], npm)) == [
        "https://index.example/left/-/left-1.0.0.tgz",
        "https://me.example/npm/@me/right/-/right-1.0.0.tgz",
    ]
    assert npm.calls == [["npm", "config", "get", "registry", "@me:registry"]]


def test_a_scope_without_a_registry_is_in_the_common_one(
    unlocated: Any, target: Target, tools: Make
) -> None:
    npm = tools("registry=https://index.example/\n@me:registry=undefined\n")
    found = urls(locate_plan(unlocated, target.offers_for("node")[0], npm))
    assert found[1] == "https://index.example/@me/right/-/right-1.0.0.tgz"


def test_without_npm_here_that_of_the_package_set_is_asked(
    unlocated: Any, target: Target, tools: Make
) -> None:
    npm = tools(UnavailableError("no npm"), "registry=https://index.example\n")
    assert urls(locate_plan(unlocated, target.offers_for("node")[0], npm))
    assert npm.calls[1][0] == "/set/nodejs_22/bin/npm"


def test_npm_is_not_asked_for_nothing(plan: Make, target: Target, tools: Make) -> None:
    npm = tools()
    locate_plan(plan({"server.js": ""}), target.offers_for("node")[0], npm)
    assert npm.calls == []


@pytest.mark.parametrize("answer", [ToolError("npm returned 1", output="broken", status=1), "\n"])
def test_no_registry_is_an_error(unlocated: Any, target: Target, tools: Make, answer: Any) -> None:
    with pytest.raises(LockError, match="npm tells no registry") as error:
        locate_plan(unlocated, target.offers_for("node")[0], tools(answer))
    assert "npm config set registry" in error.value.tip
