from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import TemporaryError
from hop3_nix.host.diskspace import LITTLE, NO_ROOM, DiskWatch, has_room, require_room

if TYPE_CHECKING:
    from pathlib import Path

SAYS_SO = "cp: error writing 'x': No space left on device"


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Return the bytes that are left in /store; there is room everywhere else."""
    left = {"/store": LITTLE}

    def statvfs(directory: str) -> SimpleNamespace:
        size = left.get(directory, LITTLE)
        return SimpleNamespace(f_bavail=size, f_frsize=1, f_files=0, f_favail=0)

    monkeypatch.setattr(os, "statvfs", statvfs)
    return left


def test_a_text_alone_is_no_full_disk(free: dict[str, int]) -> None:
    watch = DiskWatch(["/store"])
    watch.read(SAYS_SO)
    assert watch.full() == ""
    free["/store"] = 0
    assert DiskWatch(["/store"]).full() == ""


def test_a_disk_is_measured_at_once(free: dict[str, int]) -> None:
    watch = DiskWatch(["/store"])
    free["/store"] = NO_ROOM - 1
    watch.read("fine")
    watch.read(SAYS_SO)
    free["/store"] = LITTLE  # what was written is deleted by now
    assert watch.full() == "/store"


def test_a_small_disk_is_measured_afterwards(free: dict[str, int]) -> None:
    watch = DiskWatch(["/store"])
    free["/store"] = LITTLE - 1
    watch.read(SAYS_SO)
    assert watch.full() == "/store"


def test_room_is_asked_for_before_something_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_room(tmp_path / "not-there", 1, "x")
    require_room(tmp_path, 1, "x")
    assert has_room(tmp_path)
    few = SimpleNamespace(f_bavail=3 << 20, f_frsize=1, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda _directory: few)
    with pytest.raises(TemporaryError, match="3 MiB are left") as caught:
        require_room(tmp_path, 5 << 20, "the work of apt")
    assert caught.value.file == str(tmp_path)
    few.f_bavail = 0
    assert not has_room(tmp_path)
