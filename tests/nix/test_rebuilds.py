"""A change rebuilds what it changes and nothing else, by Nix's own list of what it will build."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from index import Index, pylock, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Cli, Nix
    from index import Wheel

FLASK = ROOT / "examples/python-flask"
HOP3_TOML = (FLASK / "hop3.toml").read_text()
DEBIAN = ("--pkgs", "debian")


@dataclass(frozen=True)
class App:
    """An application with its hop3.nix, and the commands to build it."""

    tree: Path
    cli: Cli
    nix: Nix

    def build(self) -> Path:
        done = self.cli("build", self.tree, "--builder", "nix", *DEBIAN)
        return Path(done.stdout.strip())

    def to_build(self) -> list[str]:
        """Return the names of what Nix would build (what it fetches by a digest included)."""
        self.cli("render", self.tree, *DEBIAN, "-o", self.tree / "hop3.nix")
        dry = ["nix-build", "--dry-run", "hop3.nix", "-A", "package"]
        said = self.nix(*dry, cwd=self.tree).stderr
        paths = [line.strip() for line in said.splitlines() if line.startswith("  /nix/store/")]
        return sorted(Path(path).name.partition("-")[2].removesuffix(".drv") for path in paths)

    def write(self, file: str, text: str) -> None:
        (self.tree / file).write_text(text)

    def append(self, file: str, text: str) -> None:
        with (self.tree / file).open("a") as stream:
            stream.write(text)


@pytest.fixture(scope="module")
def flask(cli: Cli, nix: Nix, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Return the Flask example, built; the tests work on copies."""
    tree = tmp_path_factory.mktemp("built") / FLASK.name
    shutil.copytree(FLASK, tree)
    app = App(tree, cli, nix)
    app.build()
    return app


@pytest.fixture
def app(flask: App, tmp_path: Path) -> App:
    shutil.copytree(flask.tree, tmp_path / FLASK.name)
    return App(tmp_path / FLASK.name, flask.cli, flask.nix)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    directory = tmp_path / "index"
    directory.mkdir()
    with serving(directory) as index:
        yield index


@pytest.fixture
def make(cli: Cli, nix: Nix, tmp_path: Path) -> Callable[..., App]:
    """Return what makes an application that nobody else has, of locked wheels."""

    def make(name: str, *wheels: Wheel) -> App:
        tree = tmp_path / name
        tree.mkdir()
        app = App(tree, cli, nix)
        modules = ", ".join(wheel.name for wheel in wheels)
        app.write("main.py", f"import {modules}\nprint('{tmp_path}')\n")
        app.write("pylock.toml", pylock(*wheels))
        return app

    return make


def lone_version() -> str:
    """Return a version that no build before this has seen."""
    return f"1.{time.time_ns()}"


def test_an_unchanged_app_builds_nothing(app: App) -> None:
    assert app.to_build() == []


def test_a_changed_line_of_code_builds_the_app_and_the_bundle(app: App) -> None:
    app.append("app.py", f"# {time.time_ns()}\n")
    assert app.to_build() == ["flask-demo", "flask-demo-app"]


def test_a_new_file_builds_the_app_and_the_bundle(app: App) -> None:
    app.write("README", f"{time.time_ns()}\n")
    assert app.to_build() == ["flask-demo", "flask-demo-app"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("Procfile", "ticker:", "ticker-{}:"),
        ("Procfile", "--bind", "--name demo-{} --bind"),
        ("hop3.toml", 'GREETING = "Flask"', 'GREETING = "{}"'),
        ("hop3.toml", "[env]", '[env]\nMORE = "{}"'),
        ("hop3.toml", "timeout = 20", "timeout = {}"),
        ("hop3.toml", "[metadata]", '[run]\nbefore-run = "echo {}"\n[metadata]'),
    ],
)
def test_changed_configuration_builds_the_bundle_alone(
    app: App, file: str, old: str, new: str
) -> None:
    text = (app.tree / file).read_text()
    assert old in text
    app.write(file, text.replace(old, new.format(time.time_ns())))
    assert app.to_build() == ["flask-demo"]


def test_a_changed_description_builds_nothing(app: App) -> None:
    app.write("hop3.toml", HOP3_TOML.replace("The smallest", "A small"))
    assert app.to_build() == []


def test_a_change_taken_back_builds_nothing(app: App) -> None:
    app.append("app.py", "# changed\n")
    app.build()
    shutil.copyfile(FLASK / "app.py", app.tree / "app.py")
    assert app.to_build() == []


def test_one_more_dependency_fetches_that_one(make: Callable[..., App], index: Index) -> None:
    version = lone_version()
    first, second = index.wheel("alone", version), index.wheel("lonely", version)
    app = make("lone-app", first)
    names = ["lone-app", "lone-app-app", "lone-app-deps"]
    assert app.to_build() == sorted([*names, first.filename])
    app.build()
    app.write("pylock.toml", pylock(first, second))
    assert app.to_build() == sorted([*names, second.filename])
    index.asked.clear()
    app.build()
    assert index.asked == [f"/{second.filename}"]


def test_another_version_of_a_dependency_fetches_that_one(
    make: Callable[..., App], index: Index
) -> None:
    version = lone_version()
    first, second = index.wheel("alone", version), index.wheel("lonely", version)
    newer = index.wheel("lonely", f"{version}.1")
    app = make("lone-app", first, second)
    app.build()
    app.write("pylock.toml", pylock(first, newer))
    index.asked.clear()
    app.build()
    assert index.asked == [f"/{newer.filename}"]


def test_apps_share_what_they_both_lock(make: Callable[..., App], index: Index) -> None:
    wheel = index.wheel("alone", lone_version())
    make("lone-app", wheel).build()
    index.asked.clear()
    other = make("another-app", wheel)
    assert other.to_build() == ["another-app", "another-app-app", "another-app-deps"]
    other.build()
    assert index.asked == []
