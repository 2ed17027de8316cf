"""Install scripts that do not run are named, with the line that allows one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.locks.node.base import Module, Tree
from hop3_nix.toolchains.node.install_scripts import not_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.node.managers import Name

NPM = "package-lock.json"


def module(name: str, *, scripted: bool = True, dev: bool = False) -> Module:
    return Module(f"node_modules/{name}", name, "1.0.0", "", "", dev, may_build=scripted)


def test_they_are_named_in_the_plan(
    plan: Callable[..., BuildPlan], lock: Callable[..., dict[str, Any]]
) -> None:
    groups = {"dependencies": {"left": "1.0.0", "right": "1.0.0"}}
    locked = lock("left", "right", **groups)
    locked["packages"]["node_modules/left"]["hasInstallScript"] = True
    manifest: dict[str, Any] = {**groups, "main": "a.js"}
    files: dict[str, Any] = {"package.json": manifest, NPM: locked, "a.js": ""}
    (warning,) = plan(files).warnings
    assert (warning.file, warning.message.rpartition(": ")[2]) == (NPM, "left")
    assert warning.tip.endswith('"allowScripts": {"left": true} in package.json')
    files["package.json"] = {**manifest, "allowScripts": {"left": True}}
    assert plan(files).warnings == ()


@pytest.mark.parametrize(
    ("file", "manager", "names", "line"),
    [
        ("pnpm-lock.yaml", "pnpm", "prisma", '"pnpm": {"onlyBuiltDependencies": ["prisma"]}'),
        ("yarn.lock", "yarn", "prisma", '"dependenciesMeta": {"prisma": {"built": true}}'),
        (NPM, "npm", "left, prisma", '"allowScripts": {"left": true}'),
    ],
)
def test_the_line_is_in_the_words_of_the_package_manager(
    file: str, manager: Name, names: str, line: str
) -> None:
    tree = Tree(file, (module("left"), module("prisma"), module("esbuild")))
    (warning,) = not_run(tree, manager, (), built=True)
    assert warning.message.endswith(f": {names}")
    assert line in warning.tip


def test_what_only_a_build_needs_is_not_named_without_one() -> None:
    tree = Tree(NPM, (module("left", dev=True), module("right", scripted=False)))
    assert list(not_run(tree, "npm", (), built=False)) == []


def test_many_are_counted() -> None:
    tree = Tree(NPM, tuple(module(f"p{number}") for number in range(9)))
    (warning,) = not_run(tree, "npm", (), built=False)
    assert warning.message.endswith(": p0, p1, p2, p3, p4, p5 and 3 more")
