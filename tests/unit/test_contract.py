"""The contract on disk: both spellings, what is refused, and files that are never half written."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from hop3_nix.contract import (
    CONTRACT_VERSION,
    BuildArtifact,
    RuntimeConfig,
    read_artifact,
    read_defaults,
    read_required,
    read_runtime,
    unknown_fields,
    write_artifact,
)
from hop3_nix.errors import (
    ArtifactCorruptError,
    ArtifactMissingError,
    ArtifactNewerError,
    UnsupportedError,
)
from hop3_nix.files.atomic import replace_symlink, write_text_atomic
from hop3_nix.schema import REGENERATE, main, schemas

if TYPE_CHECKING:
    from collections.abc import Callable

RUNTIME: dict[str, Any] = {
    "env_vars": {"PYTHONPATH": "/nix/store/x/app"},
    "path_prepend": ["/nix/store/x/bin"],
    "working_dir": "/nix/store/x/app",
    "workers": {"web": "/nix/store/x/bin/gunicorn app:app -b :$PORT"},
}
ARTIFACT: dict[str, Any] = {
    "kind": "python",
    "builder": "nix",
    "app_name": "demo",
    "built_at": "2026-01-02T03:04:05Z",
    "build_id": "0123",
    "location": "/nix/store/x",
    "runtime": RUNTIME,
    "metadata": {"contract_version": CONTRACT_VERSION},
}
SCHEMAS = Path(__file__).parents[2] / "docs/schema"


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def save(path: Path, data: object) -> Path:
    path.write_text(json.dumps(data))
    return path


texts = st.text(st.characters(codec="utf-8"))
runtimes = st.builds(
    RuntimeConfig,
    env_vars=st.dictionaries(texts, texts, max_size=3),
    path_prepend=st.lists(texts, max_size=3),
    working_dir=texts,
    workers=st.dictionaries(texts, texts, max_size=3),
    before_run=st.lists(texts, max_size=2),
    static_paths=st.dictionaries(texts, texts, max_size=2),
    healthcheck_timeout=st.integers(min_value=1, max_value=10**6),
    backend_protocol=st.sampled_from(["http", "fastcgi"]),
)


# runtime.json


@given(runtimes)
def test_a_runtime_config_comes_back_as_it_was_written(runtime: RuntimeConfig) -> None:
    text = runtime.to_json()
    assert RuntimeConfig.model_validate_json(text) == runtime
    assert RuntimeConfig.model_validate_json(text).to_json() == text


def test_runtime_json_has_both_spellings(tmp_path: Path) -> None:
    data = json.loads(RuntimeConfig.model_validate(RUNTIME).to_json())
    assert data["env"] == data["env_vars"] == RUNTIME["env_vars"]
    assert data["path"] == data["path_prepend"] == RUNTIME["path_prepend"]
    assert read_runtime(save(tmp_path / "runtime.json", data)).env_vars == RUNTIME["env_vars"]


@pytest.mark.parametrize(("alias", "name"), [("env", "env_vars"), ("path", "path_prepend")])
def test_either_spelling_is_read_and_two_that_differ_are_refused(
    tmp_path: Path, alias: str, name: str
) -> None:
    only = {**without(RUNTIME, name), alias: RUNTIME[name]}
    assert read_runtime(save(tmp_path / "a", only)) == RuntimeConfig.model_validate(RUNTIME)
    both = {**RUNTIME, alias: type(RUNTIME[name])()}
    with pytest.raises(ArtifactCorruptError, match=f"'{alias}' and '{name}' are both given"):
        read_runtime(save(tmp_path / "b", both))


@pytest.mark.parametrize(
    "data",
    [
        without(RUNTIME, "env_vars"),
        without(RUNTIME, "workers"),
        {**RUNTIME, "workers": {"web": 1}},
        {**RUNTIME, "healthcheck_timeout": 0},
        {**RUNTIME, "backend_protocol": "smtp"},
        [],
    ],
)
def test_a_runtime_json_that_is_not_what_the_contract_says_is_corrupt(
    tmp_path: Path, data: object
) -> None:
    path = save(tmp_path / "runtime.json", data)
    with pytest.raises(ArtifactCorruptError) as caught:
        read_runtime(path)
    assert caught.value.file == str(path)
    assert caught.value.tip


def test_the_platforms_short_form_is_read(tmp_path: Path) -> None:
    short = {"workers": {"web": "/nix/store/x/bin/web"}, "env": {"A": "1"}, "path": []}
    runtime = read_runtime(save(tmp_path / "runtime.json", short))
    assert (runtime.workers, runtime.env_vars, runtime.working_dir) == (
        short["workers"],
        short["env"],
        "",
    )


@pytest.mark.parametrize("change", [{}, {"backend_protocol": "smtp"}])
def test_a_field_that_is_not_known_is_newer_and_not_corrupt(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    path = save(tmp_path / "runtime.json", {**RUNTIME, "memory": {"max": 3}, **change})
    with pytest.raises(ArtifactNewerError, match="does not know its field memory") as caught:
        read_runtime(path)
    assert caught.value.tip == "Upgrade hop3-nix on this machine."


def test_what_is_newer_is_passed_on_unchanged(tmp_path: Path) -> None:
    data = {**ARTIFACT, "runtime": {**RUNTIME, "memory": {"max": 3}}, "signed": [1]}
    path = save(tmp_path / "artifact", data)
    with pytest.raises(ArtifactNewerError, match=r"its field runtime\.memory, signed"):
        read_artifact(path)
    artifact = read_artifact(path, only_shown=True)
    assert unknown_fields(artifact) == ("runtime.memory", "signed")
    written = json.loads(artifact.to_json())
    assert (written["signed"], written["runtime"]["memory"]) == ([1], {"max": 3})
    runtime = json.loads(artifact.runtime.to_json())
    assert runtime["memory"] == {"max": 3}


def test_an_image_of_a_hop3_server_is_shown_and_not_run(tmp_path: Path) -> None:
    path = save(tmp_path / "artifact", {"kind": "docker-image", "location": "hop3/shop:7"})
    with pytest.raises(UnsupportedError, match="built by 'docker'"):
        read_artifact(path)
    artifact = read_artifact(path, only_shown=True)
    assert (artifact.kind, artifact.builder, artifact.location) == (
        "docker-image",
        "docker",
        "hop3/shop:7",
    )


def test_a_runtime_config_cannot_be_changed() -> None:
    runtime = RuntimeConfig.model_validate(RUNTIME)
    with pytest.raises(ValidationError):
        setattr(runtime, "working_dir", "/elsewhere")  # noqa: B010 - mypy knows it is frozen


# BUILD_ARTIFACT.json


def test_an_artifact_is_written_with_exactly_the_keys_that_a_hop3_server_takes(
    tmp_path: Path,
) -> None:
    artifact = BuildArtifact.model_validate(ARTIFACT)
    path = tmp_path / "BUILD_ARTIFACT.json"
    write_artifact(artifact, path)
    written = json.loads(path.read_text())
    assert set(written) == set(ARTIFACT)
    assert not {"env", "path"} & set(written["runtime"])
    assert read_artifact(path) == artifact
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_missing_a_corrupt_and_a_newer_artifact_are_three_errors(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissingError, match="there is no such file"):
        read_artifact(tmp_path / "missing/BUILD_ARTIFACT.json")
    newer = {"metadata": {"contract_version": CONTRACT_VERSION + 1}, "unheard": "of"}
    with pytest.raises(ArtifactNewerError, match=f"contract version {CONTRACT_VERSION + 1}"):
        read_artifact(save(tmp_path / "newer", newer))
    (tmp_path / "broken").write_text('{"kind":\n')
    with pytest.raises(ArtifactCorruptError, match="broken:2: not JSON") as caught:
        read_artifact(tmp_path / "broken")
    assert caught.value.line == 2
    (tmp_path / "binary").write_bytes(b'{"kind": "\xff"}')
    with pytest.raises(ArtifactCorruptError, match="not UTF-8 text"):
        read_artifact(tmp_path / "binary")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"builder": 1}, "builder"),
        ({"built_at": "2026-01-02T03:04:05"}, "built_at"),
        ({"runtime": {**RUNTIME, "working_dir": 1}}, "runtime.working_dir"),
        ({"metadata": []}, "metadata"),
    ],
)
def test_a_corrupt_artifact_is_told_by_its_field(
    tmp_path: Path, change: dict[str, Any], where: str
) -> None:
    with pytest.raises(ArtifactCorruptError) as caught:
        read_artifact(save(tmp_path / "artifact", {**ARTIFACT, **change}))
    assert caught.value.message.startswith(f"{where}: ")


@pytest.mark.parametrize("read", [read_defaults, read_required])
def test_lists_of_names_are_read_and_absent_ones_are_empty(
    tmp_path: Path, read: Callable[[Path], frozenset[str]]
) -> None:
    assert read(save(tmp_path / "names", ["B", "A"])) == {"A", "B"}
    assert read(tmp_path / "missing") == frozenset()
    for wrong in ({"A": 1}, ["A", 1]):
        with pytest.raises(ArtifactCorruptError, match="not a JSON list of names"):
            read(save(tmp_path / "wrong", wrong))


# The JSON Schemas


def test_the_schemas_are_current() -> None:
    written = {path.name: path.read_text() for path in SCHEMAS.iterdir()}
    assert written == schemas(), f"docs/schema is not current; run: {REGENERATE}"


def test_the_schemas_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    main([str(tmp_path)])
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == schemas()


@given(runtimes)
def test_what_is_written_satisfies_the_schemas(runtime: RuntimeConfig) -> None:
    for_runtime, for_artifact = (
        Draft202012Validator(json.loads(schemas()[f"{name}.schema.json"]))
        for name in ("runtime-config", "build-artifact")
    )
    for_runtime.validate(json.loads(runtime.to_json()))
    artifact = BuildArtifact.model_validate({**ARTIFACT, "runtime": runtime})
    for_artifact.validate(json.loads(artifact.to_json()))


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        (RUNTIME, True),
        ({**without(RUNTIME, "env_vars"), "env": {}}, True),
        (without(RUNTIME, "env_vars"), False),
        (without(RUNTIME, "path_prepend"), False),
        ({**RUNTIME, "extra": 1}, False),
    ],
)
def test_the_schema_of_the_runtime_asks_for_either_spelling_and_no_more(
    data: dict[str, Any],
    valid: bool,  # noqa: FBT001 - what is expected
) -> None:
    schema = json.loads(schemas()["runtime-config.schema.json"])
    assert Draft202012Validator(schema).is_valid(data) == valid


# Writing atomically


def test_a_file_is_replaced_as_a_whole_with_the_mode_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "new/file"
    write_text_atomic(path, "one\n")
    write_text_atomic(path, "zwei äö\n", mode=0o600)
    assert path.read_text(encoding="utf-8") == "zwei äö\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_when_the_disk_is_full_the_old_file_stays_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_text_atomic(path, "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("hop3_nix.files.atomic.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_text_atomic(path, "old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hop3_nix.files.atomic.os.fchmod", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_symlink_is_made_and_replaced(tmp_path: Path) -> None:
    link = tmp_path / "new/current"
    for target in ("one", "two"):
        replace_symlink(link, Path(target))
        assert link.readlink() == Path(target)
    assert list(link.parent.iterdir()) == [link]


def test_a_symlink_does_not_replace_a_directory(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_symlink(tmp_path / "current", Path("one"))
    assert [path.name for path in tmp_path.iterdir()] == ["current"]


def test_an_artifact_that_cannot_be_read_is_not_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(ArtifactCorruptError, match="is a directory, not a regular file"):
        read_artifact(tmp_path)


def test_what_is_no_file_or_too_deep_is_corrupt_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "deep").write_text("[" * 100_000)
    for name, what in (
        ("pipe", "is a named pipe"),
        ("device", "is a device"),
        ("deep", "nested too deeply"),
    ):
        with pytest.raises(ArtifactCorruptError, match=what):
            read_runtime(tmp_path / name)
