from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.building import unchanged
from hop3_nix.building.unchanged import BuildOptions, cached_artifact
from hop3_nix.errors import ArtifactCorruptError, UnavailableError
from hop3_nix.host.statefile import read_state_file
from hop3_nix.packagesets.apt import MAIN
from hop3_nix.packagesets.debian_lock import read_lock
from hop3_nix.packagesets.mirrors import is_mirrors_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


OTHER_KINDS: Mapping[str, Callable[[Path], object]] = {
    "a directory": Path.mkdir,
    "a pipe": os.mkfifo,
    "a socket": bind,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}
GARBAGE = {
    "empty": b"",
    "cut off": b'{"format": 1, "main": "ht',
    "not text": b"\xff\xfe\x00",
    "nested": b"[" * 100_000,
    "another shape": b"[1, 2]",
    "nothing in it": b"{}",
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_what_is_no_file_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "lock.json"
    OTHER_KINDS[kind](path)
    reads: tuple[Callable[[Path], object], ...] = (read_state_file, read_lock, is_mirrors_file)
    for read in reads:
        with pytest.raises(ArtifactCorruptError) as caught:
            read(path)
        assert caught.value.file == str(path)
        assert caught.value.tip


def test_a_file_larger_than_any_of_ours_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "lock.json"
    path.touch()
    os.truncate(path, 1 << 40)
    with pytest.raises(ArtifactCorruptError, match="MiB"):
        read_state_file(path)


def test_what_is_not_there_is_not_damaged(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "lock.json") is None
    assert not is_mirrors_file(tmp_path / "mirrors.json")


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_mirrors_that_nix_could_not_read_are_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mirrors.json"
    path.write_bytes(content)
    assert not is_mirrors_file(path)
    path.write_text(json.dumps({MAIN: "https://mirror.example/debian"}))
    assert is_mirrors_file(path)


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_a_lock_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lock.json"
    path.write_bytes(content)
    with pytest.raises(UnavailableError) as caught:
        read_lock(path)
    assert caught.value.file == str(path)
    assert "packages refresh" in caught.value.tip


def test_a_record_of_the_last_build_saves_time_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, record = tmp_path / "app", tmp_path / "state" / unchanged.RECORD
    app.mkdir()
    (app / "Procfile").touch()
    record.parent.mkdir()
    monkeypatch.setattr(unchanged, "app_dir", lambda _root: record.parent)
    for content in GARBAGE.values():
        record.write_bytes(content)
        assert cached_artifact(app, BuildOptions()) is None
    record.unlink()
    for damage in OTHER_KINDS.values():
        damage(record)
        assert cached_artifact(app, BuildOptions()) is None
        record.rmdir() if record.is_dir() else record.unlink()
