"""The same source gives the same store path, whoever builds it, wherever and however often."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples import EXAMPLES, copy_example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Cli, Nix

FLASK = next(example for example in EXAMPLES if example.name == "python-flask")
DEBIAN = ("--pkgs", "debian")

LAYERS = """
let
  inherit (import ./hop3.nix { }) package;
  inherit (package) app;
in
[ package app ] ++ (if app ? deps then [ app.deps ] else [ ])
"""
"""The bundle, the application and its dependencies, where its language has such a layer."""


@dataclass(frozen=True)
class Built:
    """A copy of an example, and the store path that it was built to."""

    tree: Path
    location: Path


@pytest.fixture(scope="module")
def built(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Built]:
    """Return what gives an example built, each once, in a copy with its hop3.nix."""

    @cache
    def built(example: Path) -> Built:
        tree = tmp_path_factory.mktemp(example.name) / example.name
        copy_example(example, tree)
        location = build(cli, tree, "--check")
        cli("render", tree, *DEBIAN, "-o", tree / "hop3.nix")
        return Built(tree, location)

    return built


def build(cli: Cli, tree: Path, *options: str) -> Path:
    done = cli("build", tree, "--builder", "nix", *DEBIAN, "--json", *options)
    return Path(json.loads(done.stdout)["location"])


def build_with_nix(nix: Nix, tree: Path, *options: str) -> Path:
    done = nix("nix-build", "--no-out-link", "hop3.nix", "-A", "package", *options, cwd=tree)
    return Path(done.stdout.strip())


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def name_of(example: Path) -> str:
    return example.name


every_example = pytest.mark.parametrize("example", EXAMPLES, ids=name_of)


@every_example
def test_a_second_build_of_each_layer_gives_the_same_bytes(
    built: Callable[[Path], Built], nix: Nix, example: Path
) -> None:
    done = nix("nix-build", "--check", "--no-out-link", "-E", LAYERS, cwd=built(example).tree)
    assert str(built(example).location) in done.stdout.split()
    assert done.stderr.count("checking outputs of") == len(done.stdout.split())


@every_example
def test_another_place_other_times_and_another_umask_give_the_same_path(
    built: Callable[[Path], Built], cli: Cli, tmp_path: Path, example: Path
) -> None:
    first = built(example)
    elsewhere = tmp_path / "else where" / example.name
    with umask(0o077):
        elsewhere.parent.mkdir()
        for file in sorted(first.tree.rglob("*")):
            if file.is_file() and "hop3-nix" not in file.parts:
                copy = elsewhere / file.relative_to(first.tree)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
                copy.chmod(copy.stat().st_mode | (file.stat().st_mode & 0o100))
                os.utime(copy, (1, 1))
        assert build(cli, elsewhere) == first.location


@every_example
def test_the_rendered_expression_builds_to_the_same_path(
    built: Callable[[Path], Built], nix: Nix, example: Path
) -> None:
    first = built(example)
    assert build_with_nix(nix, first.tree) == first.location


@every_example
def test_a_rendered_expression_beside_it_changes_nothing(
    built: Callable[[Path], Built], cli: Cli, example: Path
) -> None:
    first = built(example)
    (first.tree / "result").unlink(missing_ok=True)
    (first.tree / "result").symlink_to(first.location)
    assert build(cli, first.tree, "--rebuild") == first.location


def test_a_repository_gives_the_same_path_as_its_files(
    built: Callable[[Path], Built], cli: Cli, tmp_path: Path
) -> None:
    first = built(FLASK)
    tree = tmp_path / FLASK.name
    shutil.copytree(FLASK, tree)
    for git in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *git], cwd=tree, check=True)
    assert build(cli, tree) == first.location


def test_what_lies_around_in_a_tree_is_no_part_of_it(
    built: Callable[[Path], Built], cli: Cli, nix: Nix, tmp_path: Path
) -> None:
    first = built(FLASK)
    tree = tmp_path / first.tree.name
    shutil.copytree(first.tree, tree, symlinks=True)
    for name in (".env", "a.pyc", "static/b.pyc", ".venv/pyvenv.cfg", "my-env/pyvenv.cfg"):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("SECRET=1\n")
    for name in ("__pycache__", ".git", ".mypy_cache", ".pytest_cache", "node_modules", ".tox"):
        (tree / name).mkdir()
        (tree / name / "file").write_text("SECRET=1\n")
    (tree / "empty" / "empty").mkdir(parents=True)
    (tree / "result-1").symlink_to("/nix/store")
    assert build_with_nix(nix, tree) == first.location
    assert build(cli, tree) == first.location


def test_the_store_path_knows_nothing_of_where_it_was_built(
    built: Callable[[Path], Built], state: Path
) -> None:
    first = built(FLASK)
    texts = [file.read_text() for file in first.location.rglob("*") if file.is_file()]
    assert [text for text in texts if str(first.tree) in text or str(state) in text] == []


def test_render_check_says_whether_the_written_expression_is_current(
    cli: Cli, tmp_path: Path
) -> None:
    tree = tmp_path / FLASK.name
    shutil.copytree(FLASK, tree)
    told = [cli("render", tree, *DEBIAN, "--check", status=1).stderr]
    cli("render", tree, *DEBIAN, "-o", tree / "hop3.nix")
    cli("render", tree, *DEBIAN, "--check")
    with (tree / "Procfile").open("a") as procfile:
        procfile.write("more: python -m this\n")
    told.append(cli("render", tree, *DEBIAN, "--check", status=1).stderr)
    shutil.copyfile(FLASK / "Procfile", tree / "Procfile")
    cli("render", tree, *DEBIAN, "--check")
    (tree / "hop3-nix/lib/bundle.nix").write_text("{ }")
    told.append(cli("render", tree, *DEBIAN, "--check", status=1).stderr)
    said = ["hop3.nix is not there", "hop3.nix is not current", "hop3-nix is not current"]
    assert [what for what, text in zip(said, told, strict=True) if what not in text] == []


def test_an_ejected_tree_builds_without_hop3_nix(
    built: Callable[[Path], Built], cli: Cli, nix: Nix, tmp_path: Path
) -> None:
    first = built(FLASK)
    tree = tmp_path / FLASK.name
    shutil.copytree(FLASK, tree)
    cli("eject", tree, *DEBIAN)
    assert build_with_nix(nix, tree) == first.location
    changed = (tree / "hop3.nix").read_text().replace('"flask-demo"', '"renamed"')
    (tree / "hop3.nix").write_text(changed)
    assert build_with_nix(nix, tree).name.endswith("-renamed")
    refused = cli("eject", tree, *DEBIAN, status=65).stderr
    assert "may have been edited" in refused
    assert (tree / "hop3.nix").read_text() == changed
    cli("eject", tree, *DEBIAN, "--force")
    assert build_with_nix(nix, tree) == first.location
