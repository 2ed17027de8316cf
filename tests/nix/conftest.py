"""What the tests of flakes share."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from flakes import VERSIONS, Flakes

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Cli


@pytest.fixture(scope="session")
def debian_flake(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the embedded set as a flake."""
    directory = tmp_path_factory.mktemp("flake") / "debian-set"
    cli("packages", "flake", directory)
    return directory


@pytest.fixture(scope="session", params=VERSIONS)
def flakes(request: pytest.FixtureRequest, debian_flake: Path) -> Flakes:
    """Return each version of Nix in turn."""
    installed = Flakes("nix", debian_flake)
    if request.param == "installed":
        return installed
    link = debian_flake.parent / "newer-nix"
    installed.run("build", f"path:{debian_flake}#nix", "-o", link)
    newer = Flakes(str(link / "bin/nix"), debian_flake)
    shown = subprocess.run([newer.program, "--version"], check=True, capture_output=True, text=True)
    assert shown.stdout.startswith(f"nix (Nix) {request.param}.")
    return newer
