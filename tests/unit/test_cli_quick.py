"""The fast path of build: what it takes on, what it leaves to click, and what it imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.building import unchanged
from hop3_nix.building.unchanged import BuildOptions, LastBuild
from hop3_nix.cli import build as full
from hop3_nix.cli.quick import parse
from hop3_nix.host.state import app_dir
from hop3_nix.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = (sys.executable, "-c", "from hop3_nix.cli import main; main()", "build")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an app whose last build is recorded, as a release directory."""
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    root, release = tmp_path / "app", tmp_path / "release"
    root.mkdir()
    release.mkdir()
    (root / "main.txt").write_text("one\n")
    (release / "BUILD_ARTIFACT.json").touch()
    state = app_dir(root)
    state.mkdir(parents=True)
    (state / "BUILD_ARTIFACT.json").write_text(json.dumps({"location": str(release)}))
    key = unchanged.key_of(Source.open(root), BuildOptions())
    unchanged.remember(state, LastBuild(key, str(release), "", fell_back=False, watched={}))
    return root


def build(*arguments: str | Path, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND[0], *options, *COMMAND[1:], *map(str, arguments)],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_place_of_the_last_build_is_printed(app: Path) -> None:
    done = build(app)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{app.parent}/release\n", "")


def test_the_artifact_is_printed_as_json(app: Path) -> None:
    done = build(app, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"location": f"{app.parent}/release"}


def test_a_reader_that_has_gone_is_no_error(app: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, app], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_output_that_cannot_be_written_is_an_error(app: Path) -> None:
    with Path("/dev/full").open("wb") as full_disk:
        done = subprocess.run(
            [*COMMAND, app], stdout=full_disk, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode != 0
    assert "error:" in done.stderr


def test_what_is_wrong_is_said_by_the_command_itself(app: Path) -> None:
    done = build(app / "nothing")
    assert done.returncode == 65
    assert "error:" in done.stderr


def test_only_the_standard_library_is_imported(app: Path) -> None:
    done = build(app, options=("-X", "importtime"))
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "hop3_nix.building.unchanged" in imported
    foreign = {"click", "pydantic", "sh", "jinja2", "rich", "packaging", "pathspec"}
    foreign |= {"dataclasses", "inspect", "shutil", "tempfile"}
    assert not {name.partition(".")[0] for name in imported} & foreign


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["app"],
        ["app", "--json"],
        ["--builder", "nix", "app", "-o", "result"],
        ["--builder=local", "--out-link=result"],
        ["--pkgs", "debian", "--pkgs=nixpkgs"],
        ["-o", "--json"],
        ["--pkgs=a=b", "app=1"],
    ],
)
def test_arguments_mean_what_they_mean_to_click(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(full.build, "callback", lambda **values: seen.update(values))
    full.build.main(arguments, standalone_mode=False)
    options = BuildOptions(seen["builder"], seen["pkgs"], seen["out_link"])
    assert parse(arguments) == (seen["app"], options, seen["as_json"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--check"],
        ["--lock"],
        ["--rebuild"],
        ["-v"],
        ["-oresult"],
        ["-o=result"],
        ["a", "b"],
        ["--pkgs"],
        ["--pkgs="],
        ["--"],
        ["--json=yes"],
    ],
)
def test_the_rest_is_left_to_click(arguments: list[str]) -> None:
    assert parse(arguments) is None
