"""The interpreters on PATH: which programs are asked what they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hop3_nix.toolchains.on_path import programs_called

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RUBY = re.compile(r"ruby(\d+\.\d+)?")


def program(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


def test_each_program_is_found_once_in_the_order_of_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = program(tmp_path / "b/ruby3.3"), program(tmp_path / "a/ruby3.1")
    (tmp_path / "b/ruby").symlink_to(new)
    program(tmp_path / "b/ruby-build")
    program(tmp_path / "b/ruby2.7", mode=0o644)
    monkeypatch.setenv("PATH", f"relative:{tmp_path}/absent:{tmp_path}/b:{tmp_path}/a")
    assert list(programs_called(RUBY)) == [new, old]


def test_shims_that_are_one_file_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = program(tmp_path / "manager")
    shims = [tmp_path / "bin/ruby", tmp_path / "bin/ruby3.3"]
    (tmp_path / "bin").mkdir()
    for shim in shims:
        shim.symlink_to(manager)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert list(programs_called(RUBY)) == shims
