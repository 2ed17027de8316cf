"""Ruby of the embedded set on real Nix: it runs in bubblewrap with its closure and nothing else."""

from __future__ import annotations

import json
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

    Build = Callable[..., Path]

ATTRIBUTES = ("ruby_3_1", "ruby_3_3")

LIBRARIES = ("bigdecimal", "digest", "fiddle", "io/console", "openssl", "psych", "socket", "zlib")
"""Those that are compiled, or that stand on a library."""


@pytest.fixture(scope="module")
def versions(state: Path) -> dict[str, str]:
    """Return the version of each attribute that the set offers."""
    package_set = DebianSet(directory=state / "debian")
    package_set.prepare(lambda _line: None, "ruby")
    return {offer.named: offer.version for offer in package_set.target().offers_for("ruby")}


@pytest.fixture
def build(nix: Nix, versions: dict[str, str]) -> Build:
    assert versions

    def realise(attribute: str, *options: str) -> Path:
        done = nix("nix-build", "--no-out-link", NIX / "debian", "-A", attribute, *options)
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
def test_ruby_runs_with_nothing_but_its_closure(
    attribute: str, build: Build, versions: dict[str, str]
) -> None:
    root = build(attribute)
    loads = "".join(f"require {name!r}; " for name in (*LIBRARIES, "json"))
    program = f"{loads} puts JSON.generate([RUBY_VERSION, $LOAD_PATH + Gem.path])"
    version, places = json.loads(alone(root, root / "bin/ruby", "-e", program))
    assert version == versions[attribute]
    assert [place for place in places if not place.startswith((str(root), "/tmp/"))] == []


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize("program", ["bundle", "gem", "irb", "rake"])
def test_its_programs_run(attribute: str, program: str, build: Build) -> None:
    root = build(attribute)
    assert alone(root, root / "bin" / program, "--version")


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_its_closure_is_small_and_has_no_compiler(attribute: str, build: Build) -> None:
    names = {path.partition("-")[2] for path in closure(build(attribute))}
    assert names == {"glibc", "stdcxx", "libraries", f"ruby{attribute[5:].replace('_', '')}"}


def test_a_second_copy_has_the_same_bytes(build: Build) -> None:
    assert build("ruby_3_3", "--check") == build("ruby_3_3")
