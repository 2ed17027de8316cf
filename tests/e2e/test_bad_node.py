"""Node applications that cannot be used as they are: each is told by file and line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from refusing import Refuse

NIX = ("--builder", "nix", "--pkgs", "debian")
BAD_INPUT = 65

EXPRESS = ROOT / "examples/node-express"


class Case(NamedTuple):
    """What is changed in an application of one locked package, and what is said of it."""

    file: str
    old: str
    new: str
    says: str
    tip: str


DIGEST = f"sha512-{'A' * 86}=="
MANIFEST: dict[str, Any] = {
    "name": "shop",
    "scripts": {"start": "node server.js"},
    "dependencies": {"left": "^1.0.0"},
}
LOCK: dict[str, Any] = {
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"left": "^1.0.0"}},
        "node_modules/left": {"version": "1.0.0", "integrity": DIGEST},
    },
}

CASES = {
    "package.json that is no JSON": Case(
        "package.json", '"name"', "name", "package.json:2: not JSON", "no comma behind"
    ),
    "package that the lockfile does not have": Case(
        "package.json",
        '"left"',
        '"right"',
        "package.json:7: right ^1.0.0 is required (dependencies), and package-lock.json does not",
        "npm install --package-lock-only",
    ),
    "lockfile of npm 6": Case(
        "package-lock.json",
        '"lockfileVersion": 3',
        '"lockfileVersion": 1',
        "package-lock.json:2: lockfileVersion 1; read are 2 and 3",
        "npm install --package-lock-only",
    ),
    "entry without integrity": Case(
        "package-lock.json",
        '"integrity"',
        '"other"',
        "package-lock.json:9: left 1.0.0 has no integrity",
        "Delete node_modules and the entry, and lock again",
    ),
    "entry with SHA-1": Case(
        "package-lock.json",
        DIGEST,
        "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "package-lock.json:9: left 1.0.0 has no sha512 or sha256 integrity; it has sha1",
        "It is compared with the SHA-1",
    ),
    "Git repository": Case(
        "package-lock.json",
        '"version": "1.0.0"',
        '"version": "1.0.0", "resolved": "git+ssh://git@host.example/left.git#0123"',
        "package-lock.json:9: left 1.0.0 comes from a Git repository",
        "Publish it to a registry",
    ),
    "script that is not there": Case(
        "Procfile",
        "npm start",
        "npm run sart",
        "Procfile:1: there is no script 'sart' in package.json",
        "Scripts that there are: start.",
    ),
    "Node that the set does not have": Case(
        ".nvmrc",
        "22",
        "16",
        ".nvmrc:1: Node 16 is asked for, and debian has ",
        "Ask for one of those",
    ),
    "range that is none": Case(
        ".nvmrc", "22", "newest", ".nvmrc:1: 'newest' is no range of versions", "lts/*"
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "package.json").write_text(json.dumps(MANIFEST, indent=2))
    (root / "package-lock.json").write_text(json.dumps(LOCK, indent=2))
    (root / "Procfile").write_text("web: npm start\n")
    (root / ".nvmrc").write_text("22\n")
    (root / "server.js").write_text("")
    return root


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_build_says_what_is_wrong_where_and_what_to_do(
    refuse: Refuse, shop: Path, case: Case
) -> None:
    text = (shop / case.file).read_text()
    assert case.old in text
    (shop / case.file).write_text(text.replace(case.old, case.new))
    refuse("build", shop, *NIX, code=BAD_INPUT, says=case.says, tip=case.tip, app=shop)


@pytest.mark.parametrize("builder", ["nix", "local"])
def test_another_file_than_the_locked_one(refuse: Refuse, tmp_path: Path, builder: str) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    lock = json.loads((EXPRESS / "package-lock.json").read_text())
    lock["packages"]["node_modules/accepts"]["integrity"] = DIGEST
    for file in EXPRESS.iterdir():
        (root / file.name).write_text(file.read_text())
    (root / "package-lock.json").write_text(json.dumps(lock, indent=2))
    says = "package-lock.json:"
    tip = "Find out which; then lock the dependencies again."
    refuse("build", root, "--builder", builder, code=BAD_INPUT, says=says, tip=tip, app=root)
