"""What ``python -m build`` makes of this tree is complete, and works where there is no checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from running import fetch, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Cli

TRAVELS = {"nix": "nix", "templates": "templates", "schema": "docs/schema"}
"""What stands at the top of the tree and belongs to the package, by its name in the wheel."""

HIDDEN = ("bwrap", "--dev-bind", "/", "/", "--tmpfs", str(ROOT))
"""The front of a command for which this checkout is an empty directory."""

ALONE = ("--unshare-pid", "--proc", "/proc", "--die-with-parent", "--")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that is built from the source distribution."""
    directory = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", directory, ROOT], check=True)
    (path,) = directory.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command, installed from the wheel into an environment of its own."""
    environment = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    subprocess.run([environment / "bin/pip", "install", "--quiet", wheel], check=True)
    return environment / "bin/hop3-nix"


def files_below(directory: Path) -> Iterator[str]:
    for path in directory.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(directory).as_posix()


def test_the_tree_and_its_source_distribution_give_the_same_wheel(
    wheel: Path, tmp_path: Path
) -> None:
    build = [sys.executable, "-m", "build", "--wheel"]
    subprocess.run([*build, f"--outdir={tmp_path}", ROOT], check=True)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("name", TRAVELS)
def test_what_stands_at_the_top_travels_in_the_wheel(wheel: Path, name: str) -> None:
    expected = {
        file: (ROOT / TRAVELS[name] / file).read_bytes()
        for file in files_below(ROOT / TRAVELS[name])
        if not file.startswith("lib/tests/")
    }
    prefix = f"hop3_nix/data/{name}/"
    with zipfile.ZipFile(wheel) as archive:
        found = {
            entry.removeprefix(prefix): archive.read(entry)
            for entry in archive.namelist()
            if entry.startswith(prefix)
        }
    assert found == expected


def test_builds_and_runs_the_example_where_there_is_no_checkout(
    installed: Path, cli: Cli, state: Path, tmp_path: Path
) -> None:
    app = tmp_path / "python-flask"
    shutil.copytree(ROOT / "examples/python-flask", app)
    here = cli("build", app, "--builder", "nix", "--pkgs", "debian").stdout

    # A state directory of its own, so that the library it builds with is the one of the wheel, but
    # with the same lock, so that the same is built.
    other_state = tmp_path / "state"
    shutil.copytree(state / "debian", other_state / "debian")
    port = free_port()
    env = {**os.environ, "HOP3_NIX_STATE": str(other_state), "PORT": str(port)}
    there = subprocess.run([*HIDDEN, *ALONE, "ls", "-A", ROOT], check=True, capture_output=True)
    assert there.stdout == b""
    hidden = [*HIDDEN, *ALONE, str(installed)]
    build = [*hidden, "build", str(app), "--builder", "nix", "--pkgs", "debian", "--json"]
    built = subprocess.run(build, env=env, check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    location = json.loads(built.stdout)["location"]
    assert location == here.strip()

    with started([*hidden, "run", location, "--only", "web"], env=env) as log:
        assert fetch(port, "/", log) == (200, "Hello from Flask on Python 3!\n")
