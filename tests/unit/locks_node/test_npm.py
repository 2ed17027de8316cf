"""package-lock.json and npm-shrinkwrap.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.node.base import Link, TargetNode
from hop3_nix.locks.node.npm import read

if TYPE_CHECKING:
    from hop3_nix.locks.node.base import Tree
    from hop3_nix.source import Source

Make = Callable[[dict[str, Any]], "Source"]

FILE = "package-lock.json"
A, B = (f"sha512-{letter * 86}==" for letter in "AQ")


def entry(**more: Any) -> dict[str, Any]:
    return {"version": "1.0.0", "integrity": A, **more}


def files(
    packages: dict[str, Any], wanted: dict[str, Any] | None = None, **lock: Any
) -> dict[str, Any]:
    root = wanted or {}
    return {
        "package.json": root,
        FILE: {"lockfileVersion": 3, "packages": {"": root, **packages}, **lock},
    }


def tree(app: Make, target: TargetNode, packages: dict[str, Any], **lock: Any) -> Tree:
    return read(app(files(packages, **lock)), FILE, target)


@pytest.mark.parametrize("version", [2, 3])
def test_each_entry_goes_where_the_lockfile_says(
    app: Make, target: TargetNode, version: int
) -> None:
    packages = {
        "node_modules/b": entry(integrity=B, version="2.0.0-rc.1"),
        "node_modules/@me/a": entry(resolved="https://index.example/a.tgz#frag"),
        "node_modules/@me/a/node_modules/b": entry(dev=True, hasInstallScript=True),
    }
    found = tree(app, target, packages, lockfileVersion=version)
    assert [(each.path, each.name, each.url) for each in found.modules] == [
        ("node_modules/@me/a", "@me/a", "https://index.example/a.tgz"),
        ("node_modules/@me/a/node_modules/b", "b", ""),
        ("node_modules/b", "b", ""),
    ]
    assert [each.dev for each in found.modules] == [False, True, False]
    assert [each.may_build for each in found.modules] == [False, True, False]
    assert found.modules[2].integrity == B


def test_a_shrinkwrap_is_read_alike(app: Make, target: TargetNode) -> None:
    lock = files({"node_modules/a": entry()})
    lock["npm-shrinkwrap.json"] = lock.pop(FILE)
    assert read(app(lock), "npm-shrinkwrap.json", target).modules


def test_an_alias_keeps_its_place_and_gets_its_own_tarball(app: Make, target: TargetNode) -> None:
    (module,) = tree(app, target, {"node_modules/old": entry(name="@x/new")}).modules
    assert (module.path, module.name) == ("node_modules/old", "@x/new")


def test_workspaces_are_links_and_bundled_packages_are_in_their_bundle(
    app: Make, target: TargetNode
) -> None:
    found = tree(
        app,
        target,
        {
            "node_modules/lib": {"resolved": "packages/lib", "link": True},
            "packages/lib": {"version": "1.0.0", "dependencies": {"a": "^1"}},
            "packages/lib/node_modules/a": entry(),
            "node_modules/big": entry(),
            "node_modules/big/node_modules/inside": {"version": "1.0.0", "inBundle": True},
        },
    )
    assert found.links == (Link("node_modules/lib", "packages/lib", dev=False),)
    assert [each.path for each in found.modules] == [
        "node_modules/big",
        "packages/lib/node_modules/a",
    ]


@pytest.mark.parametrize(
    ("platform", "system", "there"),
    [
        ({"os": ["linux"], "cpu": ["x64"], "libc": ["glibc"]}, "x86_64-linux", True),
        ({"os": ["linux"], "cpu": ["x64"], "libc": ["musl"]}, "x86_64-linux", False),
        ({"os": ["darwin"]}, "x86_64-linux", False),
        ({"os": ["!win32"]}, "x86_64-linux", True),
        ({"os": ["!linux"]}, "x86_64-linux", False),
        ({"os": "linux"}, "x86_64-linux", True),
        ({"cpu": ["arm64"]}, "x86_64-linux", False),
        ({"cpu": ["arm64"]}, "aarch64-linux", True),
        ({"cpu": ["any"]}, "aarch64-linux", True),
    ],
)
def test_optional_packages_of_other_platforms_are_left_out(
    app: Make,
    platform: dict[str, Any],
    system: Any,
    there: bool,  # noqa: FBT001 - a parameter
) -> None:
    packages = {"node_modules/a": entry(optional=True, **platform)}
    assert bool(tree(app, TargetNode(system), packages).modules) is there


def test_the_strongest_digest_is_used(app: Make, target: TargetNode) -> None:
    given = f"sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA= sha256-{'A' * 43}= {B}?x"
    (module,) = tree(app, target, {"node_modules/a": entry(integrity=given)}).modules
    assert module.integrity == B


@pytest.mark.parametrize(
    ("package", "message", "tip"),
    [
        ({"version": "1.0.0"}, "a 1.0.0 has no integrity", "Delete node_modules and the entry"),
        (
            entry(integrity="sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            "it has sha1",
            "compared with the SHA-1",
        ),
        (entry(integrity="sha512-AAAA"), "no sha512 or sha256", "package-lock-only"),
        (entry(resolved="git+ssh://git@host.example/a.git#0a"), "Git repository", "Publish it"),
        (entry(resolved="file:a.tgz"), "comes from file:a.tgz", "workspace"),
        (entry(os=["darwin"]), r"a 1.0.0 is not for this platform \(linux, x64", "optional"),
        (entry(version="../1"), "'../1' is no version", "Lock again"),
        (entry(name="../b"), "'../b' is no name", "Lock again"),
        ({"link": True, "resolved": "../lib"}, "'../lib' leads out of the tree", "Lock again"),
    ],
)
def test_what_cannot_be_used_is_an_error_on_its_line(
    app: Make, target: TargetNode, package: Any, message: str, tip: str
) -> None:
    with pytest.raises(LockError, match=rf"^package-lock\.json:5: .*{message}") as error:
        tree(app, target, {"node_modules/a": package})
    assert tip in error.value.tip


def test_a_path_out_of_the_tree_is_an_error(app: Make, target: TargetNode) -> None:
    with pytest.raises(LockError, match="leads out of the tree"):
        tree(app, target, {"../node_modules/a": entry()})


def test_the_first_format_is_refused_with_the_remedy(app: Make, target: TargetNode) -> None:
    with pytest.raises(LockError, match=r"^package-lock\.json:2: lockfileVersion 1;") as error:
        tree(app, target, {}, lockfileVersion=1)
    assert "npm install --package-lock-only" in error.value.tip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n,", r"^package-lock\.json:2: not JSON"),
        ("[]", "not a JSON object"),
        ('{"lockfileVersion": []}', r"lockfileVersion \[\]; read are 2 and 3"),
        ('{"lockfileVersion": {}}', r"lockfileVersion \{\}; read are 2 and 3"),
        ('{"lockfileVersion": 3}', "packages: Field required"),
        ('{"lockfileVersion": 3, "packages": {"node_modules/a": 1}}', "node_modules/a"),
        ('{"lockfileVersion": 3, "packages": []}', "packages: "),
    ],
)
def test_a_damaged_file_is_an_error(app: Make, target: TargetNode, text: str, message: str) -> None:
    with pytest.raises(LockError, match=message) as error:
        read(app({"package.json": {}, FILE: text}), FILE, target)
    assert error.value.tip


@pytest.mark.parametrize(
    ("locked", "message"),
    [
        ({}, r"^package\.json:3: a \^2 is required \(dependencies\), and package-lock\.json does"),
        ({"dependencies": {"a": "^1"}}, r"package-lock\.json has \^1$"),
    ],
)
def test_a_stale_lockfile_is_an_error(
    app: Make, target: TargetNode, locked: Any, message: str
) -> None:
    stale = files({}, locked)
    stale["package.json"] = {"dependencies": {"a": "^2"}}
    with pytest.raises(LockError, match=message) as error:
        read(app(stale), FILE, target)
    assert error.value.tip == "Lock again: npm install --package-lock-only"


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        (">=2.1.0", True),
        ("2.x || >= 3", True),
        ("", True),
        ("^3", False),
        ("latest", False),
    ],
)
def test_another_wording_is_right_if_what_is_locked_is_in_its_range(
    app: Make,
    target: TargetNode,
    asked: str,
    right: bool,  # noqa: FBT001 - a parameter
) -> None:
    there = "2.1.3"
    lock = files({"node_modules/a": entry(version=there)}, {"dependencies": {"a": "^2"}})
    lock["package.json"] = {"dependencies": {"a": asked}}
    if right:
        assert read(app(lock), FILE, target).modules[0].version == there
    else:
        with pytest.raises(LockError, match="is required"):
            read(app(lock), FILE, target)


def test_what_is_overridden_need_not_be_in_the_range(app: Make, target: TargetNode) -> None:
    lock = files({"node_modules/a": entry()}, {"dependencies": {"a": "^2"}})
    lock["package.json"] = {"dependencies": {"a": "^3"}, "overrides": {"b": {"a@^3": "1.0.0"}}}
    assert read(app(lock), FILE, target).modules


def workspace(members: dict[str, Any], asked: dict[str, str]) -> dict[str, Any]:
    root = {"workspaces": ["packages/*", "!packages/old"]}
    lock = files({"node_modules/a": entry(version="2.1.3"), **members}, root)
    lock["packages/api/package.json"] = {"name": "api", "dependencies": asked}
    lock["packages/old/package.json"] = {"name": "old", "dependencies": {"b": "1"}}
    return lock


def test_a_workspace_that_asks_for_something_else_is_an_error(
    app: Make, target: TargetNode
) -> None:
    member = {"packages/api": {"dependencies": {"a": "^2"}}}
    assert read(app(workspace(member, {"a": "2.1.x"})), FILE, target).modules
    with pytest.raises(
        LockError, match=r"^packages/api/package\.json:4: packages/api requires a 1\.0\.0 "
    ):
        read(app(workspace(member, {"a": "1.0.0"})), FILE, target)


def test_a_workspace_that_the_lockfile_does_not_have_is_an_error(
    app: Make, target: TargetNode
) -> None:
    with pytest.raises(LockError, match="the workspace packages/api is not in package-lock"):
        read(app(workspace({}, {})), FILE, target)


def test_what_the_app_itself_bundles_is_fetched(app: Make, target: TargetNode) -> None:
    packages = {
        "node_modules/a": entry(inBundle=True),
        "node_modules/a/node_modules/b": {"version": "1.0.0", "inBundle": True},
    }
    assert [each.path for each in tree(app, target, packages).modules] == ["node_modules/a"]


def test_what_is_optional_is_marked(app: Make, target: TargetNode) -> None:
    packages = {"node_modules/a": entry(optional=True), "node_modules/b": entry(devOptional=True)}
    assert [each.optional for each in tree(app, target, packages).modules] == [True, False]
