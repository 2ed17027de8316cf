"""Applications locked by the tools that people use, built with Nix, started and fetched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from lockfiles import pdm_lock, pipfile_lock, poetry_lock, resolved
from running import closure, fetch, free_port, only_closure, started

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Cli
    from lockfiles import Locked

PYTHON = "3.13"
"""Not that of the machine, whose markers would choose otherwise."""

PACKAGED = ROOT / "examples/python-packaged"
PYPROJECT = """\
[project]
name = "shop"
version = "0.1"
requires-python = ">=3.11"
dependencies = [
  "flask[async]",
  "gunicorn",
  "charset-normalizer; os_name == 'posix'",
  "colorama; sys_platform == 'win32'",
  "tomli; python_version < '3.12'",
]

[dependency-groups]
dev = ["iniconfig"]
"""
PIPFILE = f"""\
[packages]
flask = {{ version = "*", extras = ["async"] }}
gunicorn = "*"
charset-normalizer = {{ version = "*", markers = "os_name == 'posix'" }}
colorama = {{ version = "*", sys_platform = "== 'win32'" }}
tomli = {{ version = "*", markers = "python_version < '3.12'" }}

[dev-packages]
iniconfig = "*"

[requires]
python_version = "{PYTHON}"
"""
NOT_HERE = {"colorama", "tomli"}
"""What the markers leave out on Linux with this Python."""

SHOP = """\
from importlib.metadata import distributions

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> dict[str, str]:
    return {each.name.lower(): each.version for each in distributions()}
"""
HOP3_TOML = f"""\
[metadata]
id = "shop"

[build]
python-version = "{PYTHON}"

[run]
start = "gunicorn app:app --bind 127.0.0.1:$PORT"
"""

COMPILED = """\
import json
import os
from wsgiref.simple_server import make_server

from markupsafe import _speedups, escape


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([_speedups.__file__, escape("<a>")]).encode()]


make_server("127.0.0.1", int(os.environ["PORT"]), application).serve_forever()
"""


def uv(*arguments: str | Path, cwd: Path) -> str:
    """Return what uv printed."""
    places = [str(Path(sys.executable).parent), os.environ["PATH"]]
    program = shutil.which("uv", path=os.pathsep.join(places))
    assert program, "uv is not installed; it is one of the development dependencies"
    argv = [program, *map(str, arguments), "--no-python-downloads"]
    # As pip does: trust what this machine trusts.
    env = {**os.environ, "UV_SYSTEM_CERTS": "1"}
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Shop:
    """One application, resolved once, in whose tree each tool's lockfile can be put."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        (scratch / "pyproject.toml").write_text(PYPROJECT)
        uv("lock", "--python", sys.executable, cwd=scratch)
        self.uv_lock = (scratch / "uv.lock").read_text()
        names = self.export("--no-hashes")
        dev = self.export("--no-hashes", "--only-group", "dev", groups=())
        self.packages: list[Locked] = [
            *resolved(self.uv_lock, names),
            *resolved(self.uv_lock, dev, dev=True),
        ]

    def export(self, *options: str, groups: tuple[str, ...] = ("--no-dev",)) -> str:
        fixed = ("export", "--frozen", "--no-emit-project", "--quiet", "--python", sys.executable)
        return uv(*fixed, *groups, *options, cwd=self.scratch)

    def expected(self) -> dict[str, str]:
        """Return the packages that a build must have, with their versions."""
        return {
            package.name: package.version
            for package in self.packages
            if not package.dev and package.name not in NOT_HERE
        }

    def trees(self) -> dict[str, dict[str, str]]:
        """Return, by lockfile, what a tree locked by it has beside the application's code."""
        native = {"pyproject.toml": PYPROJECT}
        return {
            "uv.lock": {**native, "uv.lock": self.uv_lock},
            "pylock.toml": {**native, "pylock.toml": self.export("--format", "pylock.toml")},
            "poetry.lock": {**native, "poetry.lock": poetry_lock(self.packages)},
            "pdm.lock": {**native, "pdm.lock": pdm_lock(self.packages)},
            "Pipfile.lock": {
                "Pipfile": PIPFILE,
                "Pipfile.lock": pipfile_lock(self.packages, PYTHON),
            },
            "requirements.txt": {"requirements.txt": self.export()},
            "hop3-nix.lock": {"requirements.txt": self.export("--no-hashes")},
        }


FORMATS = [
    "uv.lock",
    "pylock.toml",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "requirements.txt",
    "hop3-nix.lock",
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("resolved"))


@pytest.fixture(scope="module")
def built(cli: Cli, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what builds the shop locked by one format, once each."""
    trees = shop.trees()

    @cache
    def built(lockfile: str) -> Path:
        tree = tmp_path_factory.mktemp("locked") / "shop"
        tree.mkdir()
        files = {"app.py": SHOP, "hop3.toml": HOP3_TOML, **trees[lockfile]}
        for name, text in files.items():
            (tree / name).write_text(text)
        if lockfile == "hop3-nix.lock":
            refused = cli("build", tree, "--builder", "nix", "--pkgs", "debian", status=65)
            assert "hop3-nix lock" in refused.stderr
            cli("lock", tree, "--pkgs", "debian")
        return build(cli, tree)

    return built


def build(cli: Cli, tree: Path, *options: str) -> Path:
    done = cli("build", tree, "--builder", "nix", "--pkgs", "debian", *options)
    return Path(done.stdout.strip())


def answer(location: Path) -> str:
    """Return what the app at ``location`` answers when it sees nothing but its closure."""
    port = free_port()
    argv = [*only_closure(location, {"PORT": str(port)}), str(location / "bin/web")]
    with started(argv) as log:
        status, text = fetch(port, "/", log)
        assert status == 200, log.read_text()
        return text


@pytest.mark.parametrize("lockfile", FORMATS)
def test_an_app_has_what_its_lockfile_pins(
    built: Callable[[str], Path], shop: Shop, lockfile: str
) -> None:
    assert json.loads(answer(built(lockfile))) == shop.expected()


def test_the_same_resolution_is_the_same_dependencies_whoever_wrote_it(
    built: Callable[[str], Path],
) -> None:
    dependencies = {
        lockfile: [path for path in closure(built(lockfile)) if path.endswith("-shop-deps")]
        for lockfile in FORMATS
    }
    assert dependencies == dict.fromkeys(FORMATS, dependencies["uv.lock"])
    assert len(dependencies["uv.lock"]) == 1


def test_a_source_distribution_with_a_c_extension(cli: Cli, tmp_path: Path) -> None:
    tree = tmp_path / "compiled"
    tree.mkdir()
    (tree / "main.py").write_text(COMPILED)
    (tree / "hop3.toml").write_text(f'[build]\npython-version = "{PYTHON}"\n')
    (tree / "requirements.in").write_text("markupsafe\n")
    without_wheels = ["--no-binary", "markupsafe", "--python-version", PYTHON]
    to = ["--format", "pylock.toml", "--output-file", "pylock.toml"]
    uv("pip", "compile", "requirements.in", *without_wheels, *to, cwd=tree)
    assert ".whl" not in (tree / "pylock.toml").read_text()
    module, text = json.loads(answer(build(cli, tree, "--lock")))
    assert text == "&lt;a&gt;"
    assert module.startswith("/nix/store/")
    assert module.endswith(".so")


def test_a_packaged_project_is_installed_beside_what_it_locks(cli: Cli, tmp_path: Path) -> None:
    tree = tmp_path / PACKAGED.name
    shutil.copytree(PACKAGED, tree)
    uv("lock", "--python", sys.executable, cwd=tree)
    assert answer(build(cli, tree, "--lock")) == "greeter 2.0\n"
