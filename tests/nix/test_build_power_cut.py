"""A build that is killed anywhere leaves the artifact before it, and nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.builders.base import ROOTS
from hop3_nix.building.pipeline import build_app
from hop3_nix.building.unchanged import BuildOptions
from hop3_nix.contract import ARTIFACT_FILE, read_artifact
from hop3_nix.host.state import STAGE, app_dir
from powercut import count_effects, cut
from refusing import temporary_files

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("state")

NIX = BuildOptions(builder="nix", pkgs="debian")
AT_LEAST = 10


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "killed"
    root.mkdir()
    (root / "requirements.txt").touch()
    (root / "Procfile").write_text("web: python main.py\n")
    return root


def write(app: Path, version: str) -> None:
    (app / "main.py").write_text(f"print('{version} of {app}')\n")


def building(app: Path, version: str) -> Callable[[], object]:
    write(app, version)
    return lambda: build_app(app, NIX)


def matters(what: str) -> bool:
    """Return whether an effect is one on files."""
    return "os.fork" not in what


def test_a_build_killed_at_any_effect(app: Path) -> None:
    # Both are in the store from here on, so that what is killed is our part of a build.
    locations = {}
    for version in ("second", "first"):
        write(app, version)
        locations[version] = build_app(app, NIX).location
    state = app_dir(app)
    effects = count_effects(building(app, "second"), state, matters)
    assert len(effects) >= AT_LEAST
    for at in range(1, len(effects) + 1):
        write(app, "first")
        build_app(app, NIX)
        cut(building(app, "second"), state, at=at, counts=matters)
        # What is recorded is whole, is there, and is kept.
        recorded = read_artifact(state / ARTIFACT_FILE)
        assert recorded.location in locations.values()
        assert Path(recorded.location).is_dir()
        assert (state / ROOTS / recorded.build_id).readlink() == Path(recorded.location)
        # The next build works, and leaves nothing of the one before.
        after = build_app(app, NIX)
        assert after.location == locations["second"]
        assert [link.name for link in (state / ROOTS).iterdir()] == [after.build_id]
        assert not (state / STAGE).exists()
    assert temporary_files(state.parent.parent) == []
