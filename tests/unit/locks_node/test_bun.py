"""bun.lock."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.errors import LockError
from hop3_nix.locks.jsonc import plain_json
from hop3_nix.locks.node.base import Link, TargetNode
from hop3_nix.locks.node.bun import read

if TYPE_CHECKING:
    from hop3_nix.locks.node.base import Tree
    from hop3_nix.source import Source

Make = Callable[[dict[str, Any]], "Source"]

FILE = "bun.lock"
A = f"sha512-{'A' * 86}=="


def entry(spec: str, **described: Any) -> list[Any]:
    return [spec, "", described, A]


def files(
    packages: dict[str, Any], wanted: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    root = wanted or {
        "dependencies": dict.fromkeys((key for key in packages if "/" not in key), "1")
    }
    lock = {"lockfileVersion": 1, "workspaces": {"": root}, "packages": packages, **more}
    return {"package.json": root, FILE: lock}


def tree(app: Make, target: TargetNode, packages: dict[str, Any], **more: Any) -> Tree:
    return read(app(files(packages, **more)), FILE, target)


@pytest.mark.parametrize("version", [0, 1, 2])
def test_keys_are_places_in_node_modules(app: Make, target: TargetNode, version: int) -> None:
    packages = {
        "old": entry("@x/new@2.0.0-rc.1"),
        "send": entry("send@1.0.0", dependencies={"@me/ms": "1"}, hasInstallScript=True),
        "send/@me/ms": ["@me/ms@2.0.0", "https://index.example/ms.tgz", {}, A],
    }
    found = tree(app, target, packages, lockfileVersion=version)
    assert [(each.path, each.name, each.version, each.url) for each in found.modules] == [
        ("node_modules/old", "@x/new", "2.0.0-rc.1", ""),
        ("node_modules/send", "send", "1.0.0", ""),
        (
            "node_modules/send/node_modules/@me/ms",
            "@me/ms",
            "2.0.0",
            "https://index.example/ms.tgz",
        ),
    ]
    assert {each.integrity for each in found.modules} == {A}
    # Older ones do not say it.
    assert found.modules[1].may_build is (version == 2)


def test_commas_and_comments_as_bun_writes_and_takes_them(app: Make, target: TargetNode) -> None:
    made = files({"a": entry("a@1.0.0")})
    text = json.dumps(made[FILE], indent=2).replace('"}\n', '"},\n').replace("\n  }", ",\n  }")
    made[FILE] = f"// by hand, [1,]\n{text}"
    assert [each.name for each in read(app(made), FILE, target).modules] == ["a"]


def test_what_only_the_build_needs_is_told_apart(app: Make, target: TargetNode) -> None:
    wanted = {"dependencies": {"a": "1"}, "devDependencies": {"tool": "1"}}
    packages = {
        "a": entry("a@1.0.0", peerDependencies={"peer": "1"}, dependencies={"both": "1"}),
        "both": entry("both@1.0.0"),
        "peer": entry("peer@1.0.0"),
        "tool": entry("tool@1.0.0", dependencies={"both": "1", "only": "1"}),
        "only": entry("only@1.0.0"),
        "unused": entry("unused@1.0.0"),
    }
    found = read(app(files(packages, wanted)), FILE, target)
    assert {each.name: each.dev for each in found.modules} == {
        "a": False,
        "both": False,
        "peer": False,
        "tool": True,
        "only": True,
    }


def test_what_is_for_another_platform_is_left_out_as_bun_does_it(
    app: Make, target: TargetNode
) -> None:
    packages = {
        "a": entry("a@1.0.0", optionalDependencies={"a-linux": "1", "a-mac": "1"}),
        "a-linux": entry("a-linux@1.0.0", os="linux", cpu=["x64", "arm64"]),
        "a-mac": entry("a-mac@1.0.0", os="darwin"),
        "none": entry("none@1.0.0", os="none"),
    }
    wanted = {"dependencies": {"a": "1", "none": "1"}}
    found = read(app(files(packages, wanted)), FILE, target)
    assert {each.name: each.optional for each in found.modules} == {"a": False, "a-linux": True}


@pytest.mark.parametrize("more", [[], [{"dependencies": {"ms": "1"}}]])
def test_workspaces_are_links_and_have_modules_of_their_own(
    app: Make, target: TargetNode, more: list[Any]
) -> None:
    root = {"workspaces": ["packages/*"], "dependencies": {"ms": "2"}}
    lib = {"name": "@me/lib", "dependencies": {"ms": "1"}, "devDependencies": {"tool": "1"}}
    made = {
        "package.json": root,
        "packages/lib/package.json": lib,
        FILE: {
            "lockfileVersion": 1,
            "workspaces": {"": root, "packages/lib": lib},
            "packages": {
                "@me/lib": ["@me/lib@workspace:packages/lib", *more],
                "@me/lib/ms": entry("ms@1.0.0"),
                "ms": entry("ms@2.0.0"),
                "tool": entry("tool@1.0.0"),
            },
        },
    }
    found = read(app(made), FILE, target)
    assert found.links == (Link("node_modules/@me/lib", "packages/lib", dev=False),)
    assert [(each.path, each.version, each.dev) for each in found.modules] == [
        ("node_modules/ms", "2.0.0", False),
        ("node_modules/tool", "1.0.0", True),
        ("packages/lib/node_modules/ms", "1.0.0", False),
    ]


def test_an_archive_is_fetched_if_a_digest_pins_it(app: Make, target: TargetNode) -> None:
    spec = "a@https://index.example/a.tgz"
    (found,) = tree(app, target, {"a": [spec, {}, A]}).modules
    assert (found.url, found.integrity) == ("https://index.example/a.tgz", A)
    with pytest.raises(LockError, match=r"a https://index\.example/a\.tgz has no integrity"):
        tree(app, target, {"a": [spec, {}]})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"lockfileVersion": 3}, r"^bun\.lock:2: lockfileVersion 3; read are 0, 1, 2"),
        ({"patchedDependencies": {"a@1": "x"}}, r"a@1: patches are not applied"),
        ({"packages": {"a": "a@1.0.0"}}, r"^bun\.lock: the entry a is no package"),
        ({"packages": {"a": []}}, "the entry a is no package"),
        ({"packages": {"b/a": entry("a@1.0.0")}}, "b/a is inside of b, which has no entry"),
        ({"packages": {"..": entry("a@1.0.0")}}, "'..' is no name of a package"),
        ({"packages": {"a": ["a@github:me/a#1", {}, "me-a-1"]}}, "comes from a Git repository"),
        ({"packages": {"a": ["a@git+ssh://x/a#1", {}, "1"]}}, "comes from a Git repository"),
        ({"packages": {"a": ["a@1.0.0", "", {}, ""]}}, "a 1.0.0 has no integrity"),
        ({"packages": {"a": ["a@file:../out", {}]}}, "outside of the app"),
        ({"packages": {"a": entry("a@1.0.0", dependencies={"b": "1"})}}, "b is needed, and has no"),
        ({"packages": {}}, "a is needed, and has no entry"),
    ],
)
def test_what_cannot_be_built_from_is_an_error(
    app: Make, target: TargetNode, more: dict[str, Any], said: str
) -> None:
    made = files({}, {"dependencies": {"a": "1"}})
    made[FILE] |= more
    with pytest.raises(LockError, match=said):
        read(app(made), FILE, target)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (
            {"dependencies": {"a": "2"}},
            r"^package\.json:3: a 2 is required .*, and bun\.lock has 1",
        ),
        ({"devDependencies": {"b": "1"}}, r"b 1 is required \(devDependencies\), .* not have it"),
        ({"overrides": {"a": "3"}}, "made with other overrides"),
        ({"catalog": {"a": "3"}}, "made with other catalog"),
    ],
)
def test_a_stale_lockfile_is_an_error(
    app: Make, target: TargetNode, manifest: dict[str, Any], said: str
) -> None:
    made = files({"a": entry("a@1.0.0")})
    made["package.json"] = {"dependencies": {"a": "1"}, **manifest}
    with pytest.raises(LockError, match=said):
        read(app(made), FILE, target)


def test_a_workspace_that_is_gone_or_new_is_an_error(app: Make, target: TargetNode) -> None:
    made = files({})
    made[FILE]["workspaces"]["lib"] = {"name": "lib"}
    with pytest.raises(LockError, match="the workspace lib is locked, and there is no such"):
        read(app(made), FILE, target)
    made = files({}, {"workspaces": ["lib"]})
    made["lib/package.json"] = {"name": "lib"}
    with pytest.raises(LockError, match=r"^lib/package\.json:2: the workspace lib is not in bun"):
        read(app(made), FILE, target)


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_plain_json_stays_as_it_is(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert json.loads(plain_json(text)) == value


def test_comments_leave_the_lines_as_they_were() -> None:
    text = '{ // one\n"a": "//",/* two\n*/ "b": [1, /* 3 */ ], }'
    assert plain_json(text).count("\n") == 2
    assert json.loads(plain_json(text)) == {"a": "//", "b": [1]}
