from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.building import unchanged
from hop3_nix.building.unchanged import BuildOptions, LastBuild, cached_artifact
from hop3_nix.errors import SourceError
from hop3_nix.files import resources
from hop3_nix.host.state import app_dir
from hop3_nix.source import Source

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = BuildOptions()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an app that was built: its state says so."""
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    root = tmp_path / "app"
    root.mkdir()
    (root / "main.txt").write_text("one\n")
    location = tmp_path / "store" / "app"
    location.mkdir(parents=True)
    state = app_dir(root)
    (state / "roots").mkdir(parents=True)
    (state / "roots" / "id").symlink_to(location)
    (state / "BUILD_ARTIFACT.json").write_text(json.dumps({"location": str(location)}))
    (tmp_path / "lock.json").write_text("{}")
    built(root)
    return root


def built(app: Path, options: BuildOptions = OPTIONS, **fields: Any) -> None:
    state = app_dir(app)
    last = LastBuild(
        key=unchanged.key_of(Source.open(app), options),
        location=str(app.parent / "store" / "app"),
        root=str(state / "roots" / "id"),
        fell_back=False,
        watched=unchanged.watch([str(app.parent / "lock.json")]),
    )
    unchanged.remember(state, last._replace(**fields))


def test_an_unchanged_app_is_answered_from_the_record(app: Path) -> None:
    found = cached_artifact(app, OPTIONS)
    assert found is not None
    assert found.location == str(app.parent / "store" / "app")
    assert found.artifact_file == app_dir(app) / "BUILD_ARTIFACT.json"


def test_an_app_that_was_never_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "file").touch()
    assert cached_artifact(tmp_path / "app", OPTIONS) is None


def test_no_app_at_all(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        cached_artifact(tmp_path / "nothing", OPTIONS)


def test_a_changed_source(app: Path) -> None:
    (app / "main.txt").write_text("two\n")
    assert cached_artifact(app, OPTIONS) is None


@pytest.mark.parametrize("options", [BuildOptions(builder="nix"), BuildOptions(pkgs="nixpkgs")])
def test_other_options(app: Path, options: BuildOptions) -> None:
    assert cached_artifact(app, options) is None


@pytest.mark.parametrize(
    "options", [BuildOptions(lock=True), BuildOptions(check=True), BuildOptions(rebuild=True)]
)
def test_options_that_want_work_done(app: Path, options: BuildOptions) -> None:
    assert cached_artifact(app, options) is None


def test_another_version_of_the_tool(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "__version__", "9.9")
    assert cached_artifact(app, OPTIONS) is None


@pytest.mark.parametrize("part", ["fingerprint", "templates_fingerprint"])
def test_another_library(app: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(resources, part, lambda: "other")
    assert cached_artifact(app, OPTIONS) is None


def test_another_lock_of_the_package_set(app: Path) -> None:
    (app.parent / "lock.json").write_text('{"newer": 1}')
    assert cached_artifact(app, OPTIONS) is None


def test_a_watched_file_that_is_gone(app: Path) -> None:
    (app.parent / "lock.json").unlink()
    assert cached_artifact(app, OPTIONS) is None


def test_a_result_that_was_collected(app: Path) -> None:
    (app.parent / "store" / "app").rmdir()
    assert cached_artifact(app, OPTIONS) is None


def test_a_root_that_was_removed(app: Path) -> None:
    (app_dir(app) / "roots" / "id").unlink()
    assert cached_artifact(app, OPTIONS) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"location": "/elsewhere"}'])
def test_an_artifact_file_of_another_build(app: Path, text: str) -> None:
    (app_dir(app) / "BUILD_ARTIFACT.json").write_text(text)
    assert cached_artifact(app, OPTIONS) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 2}', '{"format": 1}'])
def test_a_record_that_says_nothing(app: Path, text: str) -> None:
    (app_dir(app) / "last-build.json").write_text(text)
    assert cached_artifact(app, OPTIONS) is None


def test_a_release_directory_has_to_be_complete(app: Path) -> None:
    built(app, root="")
    assert cached_artifact(app, OPTIONS) is None
    (app.parent / "store" / "app" / "BUILD_ARTIFACT.json").touch()
    assert cached_artifact(app, OPTIONS) is not None


def test_a_link_to_a_release_is_made(app: Path) -> None:
    (app.parent / "store" / "app" / "BUILD_ARTIFACT.json").touch()
    built(app, root="")
    link = app.parent / "result"
    options = BuildOptions(out_link=link)
    assert cached_artifact(app, options) is not None
    assert link.readlink() == app.parent / "store" / "app"
    link.unlink()
    link.write_text("mine")
    assert cached_artifact(app, options) is None
    assert link.read_text() == "mine"


def test_a_link_to_a_store_path_is_left_to_nix(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "nix-store"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$@" > "$0.called"\nexit ${STATUS:-0}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    options = BuildOptions(out_link=tmp_path / "result")
    assert cached_artifact(app, options) is not None
    called = (program.parent / "nix-store.called").read_text().split()
    location = str(app.parent / "store" / "app")
    assert called[:4] == ["--realise", location, "--add-root", str(tmp_path / "result")]
    monkeypatch.setenv("STATUS", "1")
    assert cached_artifact(app, options) is None


def test_a_machine_that_has_got_nix_since(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(app, fell_back=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cached_artifact(app, OPTIONS) is not None
    (tmp_path / "nix-build").touch()
    (tmp_path / "nix-build").chmod(0o755)
    assert cached_artifact(app, OPTIONS) is None


def test_the_libraries_of_a_full_build_are_not_imported() -> None:
    code = "import sys, hop3_nix.building.unchanged; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"pydantic", "sh", "jinja2", "rich", "packaging", "pathspec", "subprocess"}
    assert not heavy & set(loaded.stdout.split())
