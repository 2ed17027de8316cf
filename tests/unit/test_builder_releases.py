"""Which releases of a local build are kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hop3_nix.builders.releases import prune

if TYPE_CHECKING:
    from pathlib import Path


def test_a_deployed_release_is_not_pruned(tmp_path: Path) -> None:
    app = tmp_path / "deployed"
    app.mkdir()
    for number in range(6):
        release = tmp_path / "releases" / str(number)
        release.mkdir(parents=True)
        file = release / "BUILD_ARTIFACT.json"
        file.touch()
        os.utime(file, (number, number))
        marks = tmp_path / "kept-by" / str(number)
        if number < 2:
            marks.mkdir(parents=True)
            (marks / "mark").symlink_to(app if number else tmp_path / "gone")
    prune(tmp_path)
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == ["1", "3", "4", "5"]
