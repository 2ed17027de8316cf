from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hop3_nix.contract import RuntimeConfig
from hop3_nix.deploy.tree import materialise
from hop3_nix.errors import ArtifactCorruptError, InputError, TemporaryError

if TYPE_CHECKING:
    from pathlib import Path


def runtime(tree: Path) -> RuntimeConfig:
    return RuntimeConfig(
        env_vars={"LIB": f"{tree}/lib:{tree}", "OTHER": f"{tree}-2/lib"},
        path_prepend=[f"{tree}/bin"],
        working_dir=str(tree),
        workers={"web": f"{tree}/bin/start --dir={tree}"},
        before_run=[f"touch '{tree}/x'"],
        static_paths={"/static": f"{tree}/static"},
        writable_tree=str(tree),
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "store" / "app"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "file").write_text("original")
    (tree / "sub" / "script").write_text("#!/bin/sh\n")
    (tree / "link").symlink_to("sub/file")
    (tree / "sub" / "file").chmod(0o444)
    (tree / "sub" / "script").chmod(0o555)
    (tree / "sub").chmod(0o555)
    tree.chmod(0o555)
    return tree


def test_copy_is_writable_and_otherwise_the_same(tree: Path, tmp_path: Path) -> None:
    materialise(runtime(tree), tmp_path / "state")
    copy = tmp_path / "state" / "tree"
    assert (copy / "link").readlink().as_posix() == "sub/file"
    assert (copy / "sub" / "file").read_text() == "original"
    modes = [p.stat().st_mode & 0o777 for p in (copy, copy / "sub/file", copy / "sub/script")]
    assert modes == [0o755, 0o644, 0o755]
    assert (tree / "sub" / "file").stat().st_mode & 0o777 == 0o444


def test_everything_points_to_the_copy(tree: Path, tmp_path: Path) -> None:
    moved, note = materialise(runtime(tree), tmp_path / "state")
    copy = tmp_path / "state" / "tree"
    assert moved.env_vars == {"LIB": f"{copy}/lib:{copy}", "OTHER": f"{tree}-2/lib"}
    assert moved.path_prepend == [f"{copy}/bin"]
    assert moved.working_dir == str(copy)
    assert moved.workers == {"web": f"{copy}/bin/start --dir={copy}"}
    assert moved.before_run == [f"touch '{copy}/x'"]
    assert moved.static_paths == {"/static": f"{copy}/static"}
    assert note == ""


def test_what_the_app_wrote_outlives_the_next_build(tree: Path, tmp_path: Path) -> None:
    materialise(runtime(tree), tmp_path / "state")
    copy = tmp_path / "state" / "tree"
    (copy / "sub" / "file").write_text("written")
    newer = tmp_path / "store" / "newer"
    newer.mkdir()
    moved, note = materialise(runtime(newer), tmp_path / "state")
    assert (copy / "sub" / "file").read_text() == "written"
    assert moved.working_dir == str(copy)
    assert f"was copied from {tree}" in note


def test_copy_that_was_interrupted_is_begun_again(tree: Path, tmp_path: Path) -> None:
    partial = tmp_path / "state" / "tree.partial" / "half"
    partial.mkdir(parents=True)
    partial.chmod(0o555)
    partial.parent.chmod(0o555)
    materialise(runtime(tree), tmp_path / "state")
    assert not (tmp_path / "state" / "tree" / "half").exists()
    assert not (tmp_path / "state" / "tree.partial").exists()


def test_tree_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ArtifactCorruptError, match="does not exist"):
        materialise(runtime(tmp_path / "no"), tmp_path / "state")


def test_state_directory_that_would_break_command_lines(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="special characters"):
        materialise(runtime(tree), tmp_path / "my state")


def test_failed_copy_leaves_nothing(tmp_path: Path) -> None:
    tree = tmp_path / "app"
    tree.mkdir()
    os.mkfifo(tree / "fifo")
    with pytest.raises(TemporaryError, match="could not be copied"):
        materialise(runtime(tree), tmp_path / "state")
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["tree.lock"]
