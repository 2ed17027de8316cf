"""Node of the embedded set on real Nix: it runs in bubblewrap with its closure and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.files.resources import NIX
from hop3_nix.packagesets import DebianSet
from running import closure, only_closure

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Nix

    Build = Callable[[str], Path]

ATTRIBUTES = ("nodejs-slim_20", "nodejs-slim_22", "nodejs-slim_24")


@pytest.fixture(scope="module")
def versions(state: Path) -> dict[str, str]:
    """Return the version of each attribute that the set offers."""
    package_set = DebianSet(directory=state / "debian")
    package_set.prepare(lambda _line: None, "node")
    return {offer.named: offer.version for offer in package_set.target().offers_for("node")}


@pytest.fixture
def build(nix: Nix, versions: dict[str, str]) -> Build:
    assert versions

    def realise(attribute: str) -> Path:
        done = nix("nix-build", "--no-out-link", NIX / "debian", "-A", attribute)
        return Path(done.stdout.strip())

    return realise


def alone(root: Path, *argv: str | Path) -> str:
    front = only_closure(root, {"HOME": "/tmp", "PATH": f"{root}/bin"})
    done = subprocess.run([*front, *map(str, argv)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_set_offers_the_newest_first(versions: dict[str, str]) -> None:
    assert tuple(versions) == tuple(reversed(ATTRIBUTES))


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_node_runs_with_nothing_but_its_closure(
    attribute: str, build: Build, versions: dict[str, str]
) -> None:
    node = build(attribute)
    assert alone(node, node / "bin/node", "--version") == f"v{versions[attribute]}"
    names = sorted(path.split("-", 1)[1] for path in closure(node))
    assert names == ["glibc", f"nodejs-slim-{versions[attribute]}", "stdcxx"]
    assert [path.name for path in (node / "bin").iterdir()] == ["node"]


def test_node_has_tls_time_zones_and_languages_of_its_own(build: Build) -> None:
    node = build("nodejs-slim_22")
    program = """
      const summer = new Date(Date.UTC(2026, 6, 1));
      const options = {timeZone: 'Europe/Paris', timeStyle: 'short'};
      console.log(summer.toLocaleTimeString('fr', options));
      console.log(require('tls').rootCertificates.length > 100);
    """
    assert alone(node, node / "bin/node", "-e", program).splitlines() == ["02:00", "true"]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_what_builds_use_has_npm_node_gyp_and_headers(
    attribute: str, build: Build, versions: dict[str, str]
) -> None:
    full = build(attribute.replace("-slim", ""))
    for program in ("npm", "npx"):
        assert alone(full, full / "bin" / program, "--version")
    npm = full / "lib/node_modules/npm"
    assert (npm / "bin/node-gyp-bin/node-gyp").read_text().startswith("#!/nix/store/")
    assert alone(full, full / "bin/node", npm / "node_modules/node-gyp/bin/node-gyp.js", "-v")
    assert alone(full, full / "bin/node", "--version") == f"v{versions[attribute]}"
    header = (full / "include/node/node_version.h").read_text()
    assert f"#define NODE_MAJOR_VERSION {versions[attribute].split('.')[0]}\n" in header
    assert len(list((full / "include/node/openssl/archs").iterdir())) == 1


@pytest.mark.parametrize("attribute", ["nodejs-slim_24", "nodejs_24"])
def test_node_is_the_same_when_it_is_made_again(attribute: str, nix: Nix, build: Build) -> None:
    build(attribute)
    nix("nix-build", "--no-out-link", NIX / "debian", "-A", attribute, "--check")


def test_a_set_that_nobody_asked_for_node_says_what_to_run(
    tmp_path: Path, state: Path, nix: Nix
) -> None:
    for name in ("lock.json", "mirrors.json"):
        shutil.copy(state / "debian" / name, tmp_path)
    for program in ("seed", "shell"):
        shutil.copytree(state / "debian" / program, tmp_path / program)
    pkgs = f"import {NIX}/debian {{ lock = {tmp_path}/lock.json; }}"
    attributes = "{ inherit (pkgs.python313) name; node = pkgs.nodejs.name; }"
    asked = f"let pkgs = {pkgs}; in builtins.tryEval pkgs.python313.name"
    done = nix("nix-instantiate", "--eval", "--strict", "--json", "-E", asked)
    assert json.loads(done.stdout)["success"]
    with pytest.raises(AssertionError, match="hop3-nix packages refresh"):
        nix("nix-instantiate", "--eval", "--strict", "-E", f"let pkgs = {pkgs}; in {attributes}")
