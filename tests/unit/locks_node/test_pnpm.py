"""pnpm-lock.yaml."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import LockError
from hop3_nix.locks.node.pnpm import read

if TYPE_CHECKING:
    from hop3_nix.locks.node.base import TargetNode, Tree
    from hop3_nix.source import Source

Make = Callable[[dict[str, Any]], "Source"]

FILE = "pnpm-lock.yaml"
A = f"sha512-{'A' * 86}=="

NINE = f"""\
lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      '@me/lib':
        specifier: workspace:*
        version: link:packages/lib
      old:
        specifier: npm:a@^1
        version: a@1.0.0(b@2.0.0)
    devDependencies:
      tool:
        specifier: ^1
        version: 1.0.0

  packages/lib:
    dependencies:
      b:
        specifier: ^2
        version: 2.0.0

packages:

  a@1.0.0:
    resolution: {{integrity: {A}}}

  b@2.0.0:
    resolution: {{integrity: {A}, tarball: https://index.example/b.tgz}}

  tool@1.0.0:
    resolution: {{integrity: {A}}}

  tool-darwin@1.0.0:
    resolution: {{integrity: {A}}}
    os: [darwin]

snapshots:

  a@1.0.0(b@2.0.0):
    dependencies:
      b: 2.0.0

  b@2.0.0: {{}}

  tool@1.0.0:
    optionalDependencies:
      tool-darwin: 1.0.0

  tool-darwin@1.0.0:
    optional: true
"""

SIX = f"""\
lockfileVersion: '6.0'

dependencies:
  old:
    specifier: npm:a@^1
    version: /a@1.0.0(b@2.0.0)

devDependencies:
  tool:
    specifier: ^1
    version: 1.0.0

packages:

  /a@1.0.0(b@2.0.0):
    resolution: {{integrity: {A}}}
    dependencies:
      b: 2.0.0
    dev: false

  /b@2.0.0:
    resolution: {{integrity: {A}}}
    requiresBuild: true
    dev: false

  /tool@1.0.0:
    resolution: {{integrity: {A}}}
    dev: true
"""

MANIFEST = {"dependencies": {"old": "npm:a@^1"}, "devDependencies": {"tool": "^1"}}


def tree(app: Make, target: TargetNode, text: str, **files: Any) -> Tree:
    return read(app({"package.json": MANIFEST, FILE: text, **files}), FILE, target)


def test_packages_stand_apart_and_are_linked(app: Make, target: TargetNode) -> None:
    found = tree(app, target, NINE)
    a, b, tool = (each.path for each in found.modules)
    assert a.startswith("node_modules/.pnpm/a@1.0.0_")
    assert a.endswith("/node_modules/a")
    assert b == "node_modules/.pnpm/b@2.0.0/node_modules/b"
    links = {link.path: link.target for link in found.links}
    assert links["node_modules/old"] == a
    assert links["node_modules/tool"] == tool
    assert links["node_modules/@me/lib"] == "packages/lib"
    assert links["packages/lib/node_modules/b"] == b
    assert links[f"{a.removesuffix('/a')}/b"] == b
    assert links["node_modules/.pnpm/node_modules/b"] == b
    assert "node_modules/b" not in links


def test_urls_and_what_only_the_build_needs(app: Make, target: TargetNode) -> None:
    found = {each.name: each for each in tree(app, target, NINE).modules}
    assert found["b"].url == "https://index.example/b.tgz"
    assert {name for name, each in found.items() if each.dev} == {"tool"}
    assert found["a"].may_build


def test_the_older_format(app: Make, target: TargetNode) -> None:
    found = tree(app, target, SIX)
    assert [(each.name, each.version, each.dev) for each in found.modules] == [
        ("a", "1.0.0", False),
        ("b", "2.0.0", False),
        ("tool", "1.0.0", True),
    ]
    assert [each.may_build for each in found.modules] == [False, True, False]
    links = {link.path: link.target for link in found.links}
    assert links["node_modules/old"] == found.modules[0].path


@pytest.mark.parametrize("said", ["shamefully-hoist=true", "node-linker = hoisted"])
def test_npmrc_can_ask_for_everything_at_the_top(app: Make, target: TargetNode, said: str) -> None:
    links = {link.path for link in tree(app, target, NINE, **{".npmrc": f"{said}\n"}).links}
    assert "node_modules/b" in links


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("'9.0'", "'5.4'", r"^pnpm-lock\.yaml:1: lockfileVersion 5.4; read are 6.0 and 9.0"),
        (f"{{integrity: {A}}}", "{}", r"^pnpm-lock\.yaml:26: a 1.0.0 has no integrity"),
        (
            f"{{integrity: {A}}}",
            "{type: git, repo: x, commit: y}",
            r"^pnpm-lock\.yaml:26: a 1.0.0 comes from a Git",
        ),
        (
            f"{{integrity: {A}}}",
            "{type: directory, directory: ../a}",
            r"^pnpm-lock\.yaml:26: a is ../a, which is outside of the app",
        ),
        ("link:packages/lib", "link:../lib", "outside of the app"),
        ("      b: 2.0.0\n\n", "      c: 2.0.0\n\n", "c@2.0.0 is needed, and has no entry"),
        ("    optional: true", "    optional: false", "tool-darwin@1.0.0 is not for this platform"),
        (
            "importers:",
            "patchedDependencies:\n  a@1.0.0:\n    path: a.patch\n\nimporters:",
            r"^pnpm-lock\.yaml:4: a@1.0.0: patches are not applied",
        ),
        ("npm:a@^1", "npm:a@^2", r"^package\.json:3: old npm:a@\^1 is required"),
        ("importers:", "importers: [", r"^pnpm-lock\.yaml:\d+: not YAML"),
    ],
)
def test_what_is_wrong_is_an_error_on_its_line(
    app: Make, target: TargetNode, old: str, new: str, message: str
) -> None:
    assert old in NINE
    with pytest.raises(LockError, match=message) as error:
        tree(app, target, NINE.replace(old, new, 1))
    assert error.value.tip


@pytest.mark.parametrize(
    ("said", "public"),
    [
        ("nodeLinker: hoisted\n", True),
        ("shamefullyHoist: true\n", True),
        ("publicHoistPattern: ['*', '!b']\n", False),
        ("publicHoistPattern: ['!*', 'b*']\n", True),
        ("nodeLinker: isolated\n", False),
        ("packages: ['packages/*']\n", False),
    ],
)
def test_the_workspace_file_can_ask_for_what_lies_at_the_top(
    app: Make,
    target: TargetNode,
    said: str,
    public: bool,  # noqa: FBT001 - a parameter
) -> None:
    links = {each.path for each in tree(app, target, NINE, **{"pnpm-workspace.yaml": said}).links}
    assert ("node_modules/b" in links) is public


def test_a_pattern_in_npmrc_is_a_list(app: Make, target: TargetNode) -> None:
    npmrc = "public-hoist-pattern[]=x\npublic-hoist-pattern[]=b\n"
    links = {each.path for each in tree(app, target, NINE, **{".npmrc": npmrc}).links}
    assert "node_modules/b" in links


def test_another_layout_is_refused(app: Make, target: TargetNode) -> None:
    with pytest.raises(LockError, match=r"^pnpm-workspace\.yaml: nodeLinker is 'pnp'"):
        tree(app, target, NINE, **{"pnpm-workspace.yaml": "nodeLinker: pnp\n"})


def test_of_two_documents_the_last_is_the_lockfile_of_the_app(
    app: Make, target: TargetNode
) -> None:
    first = "---\nlockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    configDependencies: {}\n\n---\n"
    assert len(tree(app, target, first + NINE).modules) == 3
    with pytest.raises(LockError, match=r"^pnpm-lock\.yaml:35: a 1\.0\.0 has no integrity"):
        tree(app, target, first + NINE.replace(f"{{integrity: {A}}}", "{}", 1))


MEMBER = {"name": "@me/lib", "dependencies": {"b": "^2"}}


def test_each_workspace_is_compared(app: Make, target: TargetNode) -> None:
    there = {"pnpm-workspace.yaml": "packages: ['packages/*']\n"}
    assert tree(app, target, NINE, **there, **{"packages/lib/package.json": MEMBER}).modules
    asks = {"name": "@me/lib", "dependencies": {"b": "^3"}}
    with pytest.raises(LockError, match=r"^packages/lib/package\.json:4: packages/lib requires b "):
        tree(app, target, NINE, **there, **{"packages/lib/package.json": asks})


def test_a_workspace_that_the_lockfile_does_not_have_is_an_error(
    app: Make, target: TargetNode
) -> None:
    there = {
        "pnpm-workspace.yaml": "packages: ['packages/*']\n",
        "packages/lib/package.json": MEMBER,
        "packages/new/package.json": {"name": "new", "dependencies": {"b": "^2"}},
    }
    with pytest.raises(LockError, match="the workspace packages/new is not in pnpm-lock"):
        tree(app, target, NINE, **there)


def test_a_directory_of_the_app_is_linked_and_finds_what_it_needs(
    app: Make, target: TargetNode
) -> None:
    local = NINE.replace("  a@1.0.0:\n", "  a@file:lib:\n", 1)
    local = local.replace(f"{{integrity: {A}}}", "{type: directory, directory: lib}", 1)
    local = local.replace("a@1.0.0(b@2.0.0)", "a@file:lib(b@2.0.0)")
    links = {each.path: each.target for each in tree(app, target, local).links}
    assert links["node_modules/old"] == "lib"
    assert links["lib/node_modules/b"] == "node_modules/.pnpm/b@2.0.0/node_modules/b"


@pytest.mark.parametrize(
    ("section", "what"),
    [
        ("importers: []", "importers has to be an object"),
        ("importers:\n  .: []", r"\. in importers has to be an object"),
        ("packages: x", "packages has to be an object"),
        ("snapshots:\n  x@1.0.0: y", "x@1.0.0 in snapshots has to be an object"),
    ],
)
def test_what_is_no_object_is_refused_with_its_line(
    app: Make, target: TargetNode, section: str, what: str
) -> None:
    with pytest.raises(LockError, match=rf"^pnpm-lock.yaml:\d+: {what}"):
        tree(app, target, f"lockfileVersion: '9.0'\n{section}\n")


def test_aliases_that_say_more_than_the_file_are_refused(app: Make, target: TargetNode) -> None:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    text = "\n".join(["lockfileVersion: '9.0'", "a0: &a0 [x]", *lines])
    with pytest.raises(LockError, match="its aliases say more than the file has characters"):
        tree(app, target, text + "\n")
    with pytest.raises(LockError, match="importers has to be an object"):
        tree(app, target, text + "\nimporters: *a19\n")
