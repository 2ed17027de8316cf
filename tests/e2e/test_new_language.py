"""A language is added by files of its own: here is one, in a copy of the tree, really built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent.parent

TOOLCHAIN: Final = '''\
"""Pages in a language of their own: a file *.upper is shown in capitals, with what is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError
from hop3_nix.plan import APP_TREE, Evidence, LocalRecipe, LockedFile, Site, Step
from hop3_nix.toolchains.base import Assets
from hop3_nix.toolchains.language import Guess, Language, Layers, Marker, Start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import AnyOffer, BuildPlan, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

LOCK: Final = "upper.lock"
TRANSLATE: Final = (
    'for page in "$1"/*.upper; do tr a-z A-Z <"$page" >"${page%.upper}.html"; done'
)


def read_lock(source: Source) -> tuple[LockedFile, ...]:
    if not source.has(LOCK):
        return ()
    name, url, sha256 = source.read_text(LOCK).split()
    if len(sha256) != 64:
        raise LockError("no digest", file=LOCK, line=1, tip="Lock again.")
    return (LockedFile(name=name, version="1", filename=name, url=url, sha256=sha256),)


def layers(app: App, _offer: AnyOffer, _target: Target) -> Layers:
    files = app.read(read_lock)
    why = Evidence(choice="dependencies", reason=f"{len(files)} files", file=LOCK)
    return Layers(dependencies=files, interpreted=False, evidence=(why,) * bool(files))


def guesses(_app: App, _layers: Layers) -> Iterator[Guess]:
    yield Guess("its first page", "index.upper", site=Site(directory="."))


def assets(app: App, _config: AppConfig) -> Assets | None:
    if not app.source.has("index.upper"):
        return None
    why = Evidence(choice="stage: upper", reason="a page", file="index.upper")
    return Assets(why, wanted=True)


def recipe(_app: App, _plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    step = Step(argv=("bash", "-c", TRANSLATE, "translate", APP_TREE))
    return (LocalRecipe(requires=("bash",), steps=(step,)),)


TOOLCHAIN: Final = Language(
    name="upper",
    title="Upper",
    markers=(Marker("index.upper", "its first page"),),
    layers=layers,
    start=Start(guesses=guesses, sought="and no page", example="static: ."),
    assets=assets,
    recipe=recipe,
)
'''
LIBRARY: Final = """\
{
  mkTree,
  pkgs,
  safeName,
  ...
}:
{
  mkDeps =
    { name, files }:
    pkgs.runCommand "${safeName 50 name}-deps" { inherit files; } ''
      mkdir $out
      for file in $files; do cp "$file" $out/; done
    '';

  mkApp =
    arguments:
    mkTree (
      arguments
      // {
        before = ''
          for page in $out/app/*.upper; do tr a-z A-Z <"$page" >"''${page%.upper}.html"; done
        '';
      }
    );
}
"""
FILES: Final = {
    "src/hop3_nix/toolchains/upper/__init__.py": '"""Pages in capitals."""\n\nPRECEDENCE = 50\n'
    'ASSET_FILES = ("index.upper",)\n',
    "src/hop3_nix/toolchains/upper/toolchain.py": TOOLCHAIN,
    "nix/lib/languages/upper/default.nix": LIBRARY,
    "examples/upper-page/index.upper": "hello from the page\n",
    "examples/upper-page/expect.toml": 'workers = ["web"]\n\n[[request]]\npath = "/"\n'
    'contains = "HELLO FROM THE PAGE"\n',
    "docs/upper.md": "# Upper\n",
}
COPIED: Final = ("docs", "nix", "src", "templates", "tests")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tree, without any example, in which the language was added."""
    copy = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name, text in FILES.items():
        assert not (copy / name).exists()
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    return copy


@pytest.mark.parametrize("tests", [("golden", "--update"), ("golden",), ("contract",)])
def test_a_new_language_needs_no_other_file(
    tree: Path, state: Path, tests: tuple[str, ...]
) -> None:
    where, *options = tests
    argv = [sys.executable, "-m", "pytest", f"tests/{where}", "-k", "upper", "-q", *options]
    done = subprocess.run(
        [*argv, "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src"), "HOP3_NIX_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
