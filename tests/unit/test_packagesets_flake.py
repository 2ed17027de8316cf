from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conftest import ROOT
from hop3_nix.errors import InputError, TemporaryError, ToolError, UnavailableError
from hop3_nix.packagesets.debian import DebianSet
from hop3_nix.packagesets.flake import write_flake
from hop3_nix.packagesets.nixpkgs_flake import lock_text, reference
from hop3_nix.packagesets.npm_programs import fetched_languages
from hop3_nix.packagesets.own_wheels import OwnFile, OwnWheels, locate_own_wheels, read_own_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

WHEELS = OwnWheels("python313", (OwnFile("a.whl", "https://index.example/a.whl", "0" * 64),), ())


# --- the set as a flake


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DebianSet:
    """Return a set whose lock is there, and which nobody else is asked about."""
    directory = tmp_path / "state/debian"
    for name in ("lock.json", "mirrors.json", "apt/all.list", ".lock", "seed/bin/busybox"):
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    monkeypatch.setattr(DebianSet, "prepare", lambda *_: None)
    monkeypatch.setattr(DebianSet, "nix_settings", lambda _: {"max-jobs": "4"})
    return DebianSet(directory=directory, system="x86_64-linux")


def written(debian: DebianSet, directory: Path, locate: Callable[[], OwnWheels]) -> list[str]:
    said: list[str] = []
    write_flake(debian, directory, said.append, locate=locate)
    return said


def test_the_flake_holds_the_set_and_what_pins_it(debian: DebianSet, tmp_path: Path) -> None:
    assert written(debian, tmp_path / "set", lambda: WHEELS) == []
    there = {path.name for path in (tmp_path / "set/pins").iterdir()}
    assert there == {"lock.json", "mirrors.json", "seed", "hop3-nix.json"}
    assert (tmp_path / "set/flake.nix").read_bytes() == (ROOT / "nix/debian/flake.nix").read_bytes()
    assert json.loads((tmp_path / "set/pins/hop3-nix.json").read_text())["interpreter"] == (
        "python313"
    )


def test_the_flake_has_the_settings_that_nix_needs(debian: DebianSet, tmp_path: Path) -> None:
    written(debian, tmp_path / "set", lambda: WHEELS)
    settings = (tmp_path / "set/nix.conf").read_text().splitlines()
    assert settings[0] == "extra-experimental-features = nix-command flakes"
    assert {"sandbox = true", "sandbox-fallback = false", "max-jobs = 4"} <= set(settings)


def test_a_flake_is_replaced_as_a_whole(debian: DebianSet, tmp_path: Path) -> None:
    written(debian, tmp_path / "set", lambda: WHEELS)
    (tmp_path / "set/pins/old.json").write_text("")
    written(debian, tmp_path / "set", lambda: WHEELS)
    assert not (tmp_path / "set/pins/old.json").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "state"]


def test_something_else_is_not_replaced(debian: DebianSet, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/mine").write_text("")
    with pytest.raises(InputError, match="something else") as caught:
        written(debian, tmp_path / "set", lambda: WHEELS)
    assert "empty or not there" in caught.value.tip
    assert (tmp_path / "set/mine").exists()


@pytest.mark.parametrize("error", [TemporaryError("no index"), UnavailableError("not there")])
def test_without_an_index_the_flake_lacks_hop3_nix_itself(
    debian: DebianSet, tmp_path: Path, error: Exception
) -> None:
    def fail() -> OwnWheels:
        raise error

    said = written(debian, tmp_path / "set", fail)
    assert said == [f"hop3-nix itself cannot be built from this set: {error}"]
    assert not (tmp_path / "set/pins/hop3-nix.json").exists()


def test_a_language_that_cannot_be_had_is_told(
    debian: DebianSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(*_arguments: object) -> None:
        raise TemporaryError("no index")

    monkeypatch.setattr(DebianSet, "prepare", prepare)
    said = written(debian, tmp_path / "set", lambda: WHEELS)
    titles = [language.title for language in fetched_languages()]
    assert said == [f"{title} cannot be had from this set: no index" for title in titles]


# --- the wheels of hop3-nix itself


class Tools:
    """Stands in for pip; ``changed`` are digests that the index has instead."""

    def __init__(self, changed: Mapping[str, str] | None = None, error: str = "") -> None:
        self.changed = changed or {}
        self.error = error
        self.argv: list[str] = []

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        assert env is None or env["PIP_NO_INPUT"] == "1"
        if "config" in argv:
            return ""
        if self.error:
            raise ToolError("pip failed", output=self.error)
        self.argv = list(argv)
        lock = read_own_lock()
        files = {file.name: file for file in (*lock.packages, *lock.build)}
        return json.dumps({"install": [self._entry(file) for file in files.values()]})

    def _entry(self, file: Any) -> dict[str, Any]:
        digest = self.changed.get(file.name, file.sha256[0])
        url = f"https://index.example/{file.filename}"
        info = {"url": url, "archive_info": {"hashes": {"sha256": digest}}}
        return {"metadata": {"name": file.name, "version": file.version}, "download_info": info}


def test_every_wheel_of_the_lock_is_located() -> None:
    lock, tools = read_own_lock(), Tools()
    wheels = locate_own_wheels(lock, tools)
    assert [file.name for file in wheels.files] == [file.filename for file in lock.packages]
    assert [file.name for file in wheels.build] == [file.filename for file in lock.build]
    assert wheels.files[0].url.startswith("https://index.example/")
    assert wheels.interpreter == "python313"
    assert {"--only-binary=:all:", "--python-version=3.13.5", "--abi=cp313"} <= set(tools.argv)


def test_a_wheel_of_another_digest_is_refused() -> None:
    with pytest.raises(UnavailableError, match="of another digest") as caught:
        locate_own_wheels(read_own_lock(), Tools({"click": "f" * 64}))
    assert "pip config list" in caught.value.tip


def test_an_index_without_a_wheel_is_told() -> None:
    tools = Tools(error="ERROR: No matching distribution found for click==8.5.1")
    with pytest.raises(UnavailableError, match="No matching distribution found for click"):
        locate_own_wheels(read_own_lock(), tools)


def test_the_lock_holds_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = read_own_lock()
    asked = {
        "packages": map(Requirement, project["project"]["dependencies"]),
        "build": map(Requirement, project["build-system"]["requires"]),
    }
    for kind, requirements in asked.items():
        locked = {canonicalize_name(file.name): file.version for file in getattr(lock, kind)}
        for requirement in requirements:
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])


def test_nixpkgs_is_asked_for_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    expression = (ROOT / "nix/package.nix").read_text()
    _, _, rest = expression.partition("dependencies = [")
    listed = re.findall(r"python\.([\w-]+)", rest.partition("]")[0])
    assert listed == sorted(Requirement(line).name for line in project["dependencies"])


def test_the_lock_names_no_address() -> None:
    assert not re.search(r"\w://", (ROOT / "nix/package.lock").read_text())


# --- nixpkgs as an input


def test_the_lock_of_the_flake_is_the_pin() -> None:
    assert (ROOT / "flake.lock").read_text() == lock_text()
    assert f'"{reference()}"' in (ROOT / "flake.nix").read_text()
