"""hop3-nix's own flake, with the embedded set in the place of nixpkgs, on two versions of Nix."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from flakes import VERSIONS
from running import fetch, free_port, started

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Cli
    from flakes import Flakes

TEMPLATES = sorted(path.name for path in (ROOT / "examples/flakes").iterdir() if path.is_dir())
LANGUAGES = sorted(
    path.name
    for path in (ROOT / "nix/lib/languages").iterdir()
    # What is only fetched is begun in no language.
    if path.is_dir() and path.name != "prebuilt"
)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of the flake, which git need not track yet."""
    tree = tmp_path_factory.mktemp("checkout") / "hop3-nix"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("nix", "src", "templates", "docs/schema", "examples/flakes"):
        shutil.copytree(ROOT / name, tree / name, symlinks=True, ignore=ignored)
    for name in ("flake.nix", "flake.lock", "pyproject.toml", "README.md"):
        shutil.copyfile(ROOT / name, tree / name)
    return tree


def evaluated(flakes: Flakes, what: str, function: str) -> object:
    shown = flakes.run("eval", "--json", what, "--apply", function)
    return json.loads(shown.stdout)


def test_it_has_the_outputs_that_nix_knows(flakes: Flakes, checkout: Path) -> None:
    shown = json.loads(flakes.run("flake show", "--json", f"path:{checkout}").stdout)
    system = "x86_64-linux"
    assert sorted(shown["packages"][system]) == ["default", "hop3-nix"]
    assert sorted(shown["apps"][system]) == ["default", "hop3-nix"]
    assert sorted(shown["checks"][system]) == sorted(["hop3-nix", "library", *TEMPLATES])
    assert sorted(shown["devShells"][system]) == ["default"]
    assert sorted(shown["templates"]) == sorted(["default", *TEMPLATES])
    assert sorted(shown["overlays"]) == ["default"]


def test_its_checks_pass(flakes: Flakes, checkout: Path) -> None:
    flakes.run("flake check", f"path:{checkout}")


def test_the_package_is_the_command(flakes: Flakes, checkout: Path, tmp_path: Path) -> None:
    flakes.run("build", f"path:{checkout}", "-o", tmp_path / "result")
    alone = ["env", "-i", str(tmp_path / "result/bin/hop3-nix"), "--version"]
    shown = subprocess.run(alone, check=True, capture_output=True, text=True)
    assert shown.stdout.startswith("hop3-nix ")
    assert flakes.run("run", f"path:{checkout}", "--", "--version").stdout == shown.stdout


def test_the_package_builds_as_the_checkout_does(
    flakes: Flakes, checkout: Path, cli: Cli, state: Path, tmp_path: Path
) -> None:
    app = shutil.copytree(ROOT / "examples/static-site", tmp_path / "app")
    here = cli("build", app, "--builder", "nix", "--pkgs", "debian").stdout
    options = ("build", str(app), "--builder", "nix", "--pkgs", "debian", "--rebuild")
    # The library is part of the path, so that it has to be the same one.
    argv = flakes.argv("run", f"path:{checkout}", "--", *options)
    env = {**flakes.environment(), "HOP3_NIX_STATE": str(state)}
    there = subprocess.run(argv, env=env, check=False, capture_output=True, text=True)
    assert there.returncode == 0, there.stderr
    assert there.stdout == here


def test_the_library_is_there_by_system(flakes: Flakes, checkout: Path) -> None:
    names = evaluated(flakes, f"path:{checkout}#lib.x86_64-linux", "builtins.attrNames")
    assert isinstance(names, list)
    assert {"mkBundle", "mkImage", "node", "python", "static"} <= set(names)


def test_the_overlay_adds_the_library_and_the_command(flakes: Flakes, checkout: Path) -> None:
    function = (
        "overlay: let set = (builtins.getFlake "
        f'"path:{flakes.debian}").legacyPackages.x86_64-linux; added = overlay (set // added) set; '
        "in [ added.hop3-nix.meta.mainProgram (added.hop3 ? mkBundle) ]"
    )
    what = f"path:{checkout}#overlays.default"
    shown = flakes.run("eval", "--impure", "--json", what, "--apply", function)
    assert json.loads(shown.stdout) == ["hop3-nix", True]


CONSUMER = """
{
  inputs.app = { url = "path:%s"; flake = false; };
  outputs = { hop3-nix, nixpkgs, app, ... }:
    let
      built = hop3-nix.lib.buildApp {
        src = app;
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
      };
    in
    {
      packages.x86_64-linux.default = built.package;
      checks.x86_64-linux = built.tests;
    };
}
"""


def test_another_flake_builds_an_application_that_is_an_input(
    flakes: Flakes, checkout: Path, cli: Cli, tmp_path: Path
) -> None:
    app = shutil.copytree(ROOT / "examples/static-site", tmp_path / "app")
    cli("render", app, "--pkgs", "debian", "-o", app / "hop3.nix")
    consumer = tmp_path / "consumer"
    consumer.mkdir()
    (consumer / "flake.nix").write_text(CONSUMER % app)
    ours = ("--override-input", "hop3-nix", f"path:{checkout}")
    nested = ("--override-input", "hop3-nix/nixpkgs", f"path:{flakes.debian}")
    flakes.run("flake check", f"path:{consumer}", *ours, *nested)


def test_there_is_a_template_for_each_language() -> None:
    assert TEMPLATES == LANGUAGES


def test_a_template_becomes_an_application(flakes: Flakes, checkout: Path, tmp_path: Path) -> None:
    begin(flakes, checkout, tmp_path, "python")


# Building is the same by any version.
@pytest.mark.parametrize("flakes", VERSIONS[-1:], indirect=True)
@pytest.mark.parametrize("language", TEMPLATES)
def test_each_template_becomes_one(
    flakes: Flakes, checkout: Path, tmp_path: Path, language: str
) -> None:
    begin(flakes, checkout, tmp_path, language)


def begin(flakes: Flakes, checkout: Path, tmp_path: Path, language: str) -> None:
    """Make an application from the template of ``language``, run it, and ask it."""
    app = tmp_path / "app"
    app.mkdir()
    template = f"path:{checkout}#{language}"
    subprocess.run(
        [flakes.program, "flake", "init", "-t", template],
        cwd=app,
        env=flakes.environment(),
        check=True,
        capture_output=True,
    )
    port = free_port()
    argv = flakes.argv("run", "--override-input", "hop3-nix", f"path:{checkout}", f"path:{app}")
    env = {**flakes.environment(), "PORT": str(port), "HOP3_STATE_DIR": str(tmp_path)}
    with started(argv, env=env) as log:
        status, text = fetch(port, "/", log)
    assert status == 200
    assert "Hello from" in text


@pytest.mark.parametrize("language", TEMPLATES)
def test_the_expression_of_a_template_is_current(cli: Cli, language: str) -> None:
    template = ROOT / "examples/flakes" / language
    shown = cli("render", template, "--pkgs", "debian").stdout
    assert (template / "hop3.nix").read_text() == shown, "write it: see examples/flakes/README.md"


# --- the package set as a flake


def test_without_a_lock_the_set_says_how_to_get_one(flakes: Flakes) -> None:
    what = f"path:{ROOT}/nix/debian#bash.outPath"
    failed = flakes.run("eval", "--raw", what, status=1)
    assert "hop3-nix packages flake DIR" in failed.stderr


def test_without_a_lock_the_set_takes_that_of_the_state_where_it_may(
    flakes: Flakes, state: Path
) -> None:
    argv = flakes.argv("eval", "--impure", "--raw", f"path:{ROOT}/nix/debian#bash.outPath")
    env = {**flakes.environment(), "HOP3_NIX_STATE": str(state)}
    impure = subprocess.run(argv, env=env, check=True, capture_output=True, text=True)
    pure = flakes.run("eval", "--raw", f"path:{flakes.debian}#bash.outPath")
    assert impure.stdout == pure.stdout
