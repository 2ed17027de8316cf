from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hop3_nix import contract
from hop3_nix.contract import BuildArtifact, RuntimeConfig, write_artifact
from hop3_nix.deploy import artifact as module
from hop3_nix.deploy import exec as fast
from hop3_nix.deploy import place
from hop3_nix.deploy.artifact import locate, look_at
from hop3_nix.errors import ArtifactCorruptError, ArtifactMissingError, ArtifactNewerError
from hop3_nix.host.state import app_dir

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = RuntimeConfig(env_vars={}, path_prepend=[], working_dir="/", workers={"web": "/bin/true"})
HASH = "0123456789abcdfghijklmnpqrsvwxyz"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))


def write(file: Path, location: Path, **metadata: object) -> BuildArtifact:
    location.mkdir(parents=True, exist_ok=True)
    artifact = BuildArtifact(
        kind="any",
        builder="local",
        app_name="demo",
        built_at=datetime(2025, 1, 2, tzinfo=UTC),
        build_id="b1",
        location=str(location),
        runtime=RUNTIME,
        metadata=metadata,
    )
    write_artifact(artifact, file)
    return artifact


def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "STORE", tmp_path / "store")
    monkeypatch.setattr(place, "STORE", str(tmp_path / "store"))
    path = tmp_path / "store" / f"{HASH}-demo-1.0"
    (path / "hop3").mkdir(parents=True)
    (path / "hop3" / "runtime.json").write_text(RUNTIME.to_json())
    return path


def test_directory_with_an_artifact_file(tmp_path: Path) -> None:
    written = write(tmp_path / "release" / "BUILD_ARTIFACT.json", tmp_path / "release")
    located = locate(tmp_path / "release", trusted=True)
    assert located.artifact == written
    assert located.app_root is None


def test_app_directory_gives_the_recorded_build(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    written = write(app_dir(app) / "BUILD_ARTIFACT.json", tmp_path / "release")
    located = locate(app)
    assert located.artifact == written
    assert located.app_root == app


def test_default_is_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "BUILD_ARTIFACT.json", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert locate(trusted=True).artifact.app_name == "demo"


def test_store_path_becomes_an_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store_path(tmp_path, monkeypatch)
    artifact = locate(path).artifact
    assert (artifact.builder, artifact.app_name) == ("nix", "demo-1.0")
    assert (artifact.build_id, artifact.location) == (HASH, str(path))
    assert artifact.runtime == RUNTIME


def test_link_to_a_store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store_path(tmp_path, monkeypatch)
    link = tmp_path / "result"
    link.symlink_to(path)
    assert locate(link).location == path


def test_runtime_outside_of_the_store_is_local(tmp_path: Path) -> None:
    (tmp_path / "hop3").mkdir()
    (tmp_path / "hop3" / "runtime.json").write_text(RUNTIME.to_json())
    assert locate(tmp_path, trusted=True).artifact.builder == "local"


def test_a_tree_does_not_say_what_was_built(tmp_path: Path) -> None:
    app = tmp_path / "app"
    write(app / "BUILD_ARTIFACT.json", app)
    (app / "hop3").mkdir()
    (app / "hop3/runtime.json").write_text(RUNTIME.to_json())
    with pytest.raises(ArtifactMissingError, match="has not written it") as caught:
        locate(app)
    assert "--trust-artifact" in caught.value.tip
    written = write(app_dir(app) / "BUILD_ARTIFACT.json", tmp_path / "release", mine=True)
    assert locate(app).artifact == written
    assert look_at(app).artifact == written


def test_what_a_local_build_made_is_found_by_its_place(tmp_path: Path) -> None:
    release = app_dir(tmp_path / "app") / "releases" / "b1"
    written = write(release / "BUILD_ARTIFACT.json", release)
    link = tmp_path / "result"
    link.symlink_to(release)
    assert locate(link).artifact == written


def test_a_file_is_an_artifact_for_those_who_trust_it(tmp_path: Path) -> None:
    written = write(tmp_path / "BUILD_ARTIFACT.json", tmp_path / "elsewhere")
    file = tmp_path / "BUILD_ARTIFACT.json"
    assert look_at(file).artifact == written
    assert locate(file, trusted=True).artifact == written
    with pytest.raises(ArtifactMissingError, match="has not written it"):
        locate(file)


def test_app_that_was_not_built(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match="was not built yet") as caught:
        locate(tmp_path)
    assert f"hop3-nix build {tmp_path}" in caught.value.tip


def test_result_that_is_gone(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    write(app_dir(app) / "BUILD_ARTIFACT.json", tmp_path / "release")
    (tmp_path / "release").rmdir()
    with pytest.raises(ArtifactMissingError, match="is gone") as caught:
        locate(app)
    assert f"hop3-nix build {app}" in caught.value.tip


def test_dangling_link(tmp_path: Path) -> None:
    link = tmp_path / "result"
    link.symlink_to("/nix/store/gone")
    with pytest.raises(ArtifactMissingError, match="/nix/store/gone, which is not there"):
        locate(link)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match="there is nothing at"):
        locate(tmp_path / "no")


def test_file_instead_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactMissingError, match="not a directory"):
        locate(tmp_path / "file")


def test_store_path_that_is_no_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store_path(tmp_path, monkeypatch)
    (path / "hop3" / "runtime.json").unlink()
    with pytest.raises(ArtifactMissingError, match=r"no hop3/runtime\.json"):
        locate(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": 1}', "\xff"])
def test_corrupt_is_not_missing(tmp_path: Path, text: str) -> None:
    (tmp_path / "BUILD_ARTIFACT.json").write_text(text, encoding="latin-1")
    with pytest.raises(ArtifactCorruptError):
        locate(tmp_path, trusted=True)


def test_corrupt_record_of_an_app_is_not_missing(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    write(app_dir(app) / "BUILD_ARTIFACT.json", tmp_path / "release")
    (app_dir(app) / "BUILD_ARTIFACT.json").write_text("{")
    with pytest.raises(ArtifactCorruptError):
        locate(app)


def test_unreadable_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "BUILD_ARTIFACT.json").mkdir()
    with pytest.raises(ArtifactCorruptError, match="is a directory"):
        locate(tmp_path, trusted=True)


def test_newer_is_neither(tmp_path: Path) -> None:
    write(tmp_path / "BUILD_ARTIFACT.json", tmp_path, contract_version=99)
    with pytest.raises(ArtifactNewerError):
        locate(tmp_path, trusted=True)


def test_contradicting_spellings_are_corrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store_path(tmp_path, monkeypatch)
    data = json.loads(RUNTIME.to_json()) | {"env": {"A": "1"}}
    (path / "hop3" / "runtime.json").write_text(json.dumps(data))
    with pytest.raises(ArtifactCorruptError, match="different values"):
        locate(path)


def test_fast_path_repeats_the_contract() -> None:
    assert place.ARTIFACT_FILE == contract.ARTIFACT_FILE
    assert place.RUNTIME_FILE == contract.RUNTIME_FILE
    assert fast.READS_UP_TO == contract.CONTRACT_VERSION


@pytest.mark.parametrize(
    ("location", "name"),
    [
        (f"/nix/store/{HASH}-demo-1.0", "demo-1.0"),
        ("/srv/releases/demo", "demo"),
        ("/srv/a-b/", "a-b"),
    ],
)
def test_name_of_a_location(location: str, name: str) -> None:
    assert place.store_name(location) == name


def test_state_belongs_to_the_app_or_to_the_artifacts_name(tmp_path: Path) -> None:
    assert place.state_path(str(tmp_path), "x") == str(app_dir(tmp_path) / "run")
    assert place.state_path("", "demo") == str(tmp_path / "state" / "apps" / "demo" / "run")
    assert place.state_path("", "../x/..") == str(tmp_path / "state" / "apps" / "-x-.." / "run")
