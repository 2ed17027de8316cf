"""Applications of two languages, really built: what a stage makes, and what is left of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from conftest import ROOT
from running import closure, fetch, free_port, only_closure, started

if TYPE_CHECKING:
    from conftest import Cli

NIX: Final = ("--builder", "nix", "--pkgs", "debian")
LOCAL: Final = ("--builder", "local")
BUILDERS: Final = pytest.mark.parametrize("options", [NIX, LOCAL], ids=["nix", "local"])
FLASK: Final = ROOT / "examples/python-flask"
EXPRESS: Final = ROOT / "examples/node-express"

BAD_INPUT: Final = 65
BUILD_FAILED: Final = 100

MAIN = """\
import http.server, os

http.server.HTTPServer(
    ("", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler
).serve_forever()
"""
MAKE = """\
import fs from "node:fs";

fs.mkdirSync("dist/node_modules", { recursive: true });
fs.writeFileSync("dist/node_modules/left.txt", "no");
fs.writeFileSync("dist/made.txt", `made in ${process.env.NODE_ENV}`);
fs.writeFileSync("dist/where.txt", process.cwd());
fs.writeFileSync("changed.txt", "after");
fs.writeFileSync("same.txt", fs.readFileSync("same.txt"));
fs.mkdirSync("../static", { recursive: true });
fs.writeFileSync("../static/seen.txt", String(fs.existsSync("../main.py")));
fs.symlinkSync("made.txt", "dist/link.txt");
fs.chmodSync("tool.sh", 0o755);
fs.mkdirSync("dist/empty");
"""
FILES: Final = {
    "main.py": MAIN,
    "Procfile": "web: python main.py\n",
    "hop3.toml": '[build]\nbuild = ["cp frontend/dist/made.txt after.txt",'
    ' "command -v node >where-node.txt || true"]\n',
    "frontend/package.json": '{"name": "front", "scripts": {"build": "node make.mjs"}}\n',
    "frontend/make.mjs": MAKE,
    "frontend/changed.txt": "before",
    "frontend/same.txt": "the same",
    "frontend/tool.sh": "#!/bin/sh\necho tool\n",
}

Build = Callable[[tuple[str, ...]], Path]


def write(tree: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    return tree


def location(cli: Cli, app: Path, *options: str) -> Path:
    return Path(cli("build", app, *options).stdout.strip())


def names_in(store_path: Path) -> set[str]:
    return {Path(path).name[33:] for path in closure(store_path)}


@pytest.fixture(scope="module")
def built(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return what builds the app with a frontend, once by each builder."""

    @cache
    def build(options: tuple[str, ...]) -> Path:
        return location(cli, write(tmp_path_factory.mktemp("built") / "shop", FILES), *options)

    return build


@BUILDERS
def test_what_a_stage_makes_is_there_for_the_build_steps(
    built: Build, options: tuple[str, ...]
) -> None:
    tree = built(options) / "app/app" if options == LOCAL else tree_of(built(options))
    assert (tree / "frontend/dist/made.txt").read_text() == "made in production"
    assert (tree / "after.txt").read_text() == "made in production"
    assert (tree / "frontend/changed.txt").read_text() == "after"
    assert (tree / "frontend/dist/link.txt").readlink() == Path("made.txt")
    assert os.access(tree / "frontend/tool.sh", os.X_OK)
    assert (tree / "frontend/dist/empty").is_dir()
    # Beside its directory as well; and it has seen of the application only that.
    assert (tree / "static/seen.txt").read_text() == "false"


@BUILDERS
def test_what_is_for_the_stage_alone_stays_there(built: Build, options: tuple[str, ...]) -> None:
    tree = built(options) / "app/app" if options == LOCAL else tree_of(built(options))
    assert not (tree / "frontend/dist/node_modules").exists()
    assert not (built(options) / "stages").exists()


def tree_of(store_path: Path) -> Path:
    runtime: dict[str, Any] = json.loads((store_path / "hop3/runtime.json").read_text())
    return Path(runtime["working_dir"])


def test_nothing_of_the_language_of_a_stage_is_in_the_closure(built: Build) -> None:
    names = names_in(built(NIX))
    assert {"shop", "shop-app", "shop-deps"} <= names
    assert not {name for name in names if re.search(r"node|-files|source", name)}
    tree = tree_of(built(NIX))
    assert (tree / "where-node.txt").read_text() == ""
    # It told where it ran, which would have kept it.
    told = (tree / "frontend/dist/where.txt").read_text()
    assert re.fullmatch(r"/nix/store/e{32}-shop-node-app/tree/frontend", told)


def test_a_change_elsewhere_does_not_build_the_stage_again(cli: Cli, tmp_path: Path) -> None:
    app = write(tmp_path / "shop", FILES)
    location(cli, app, *NIX)
    # What another run of the tests has built is not built again.
    never_built = uuid.uuid4().hex
    (app / "main.py").write_text(f"{MAIN}# {never_built}\n")
    assert building(cli, app) == {"source", "shop-app", "shop"}
    (app / "frontend/same.txt").write_text(never_built)
    assert {"shop-node-app", "shop-app"} <= building(cli, app)


def building(cli: Cli, app: Path) -> set[str]:
    """Return the names of what a build makes."""
    said = cli("build", app, *NIX, "--verbose").stderr
    return set(re.findall(r"building '/nix/store/\w{32}-(.*?)\.drv'", said))


SIDE_BY_SIDE: Final = {
    "hop3.toml": """\
[build]
root = "backend"
build = "pwd >where.txt"

[run]
writable = ["backend/data"]

[static]
"/made" = "frontend/dist"
""",
    "backend/Procfile": "web: python main.py\n",
    "backend/requirements.txt": (FLASK / "requirements.txt").read_text(),
    "backend/main.py": """\
import http.server, os, pathlib
import itsdangerous, beside

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        made = pathlib.Path("../frontend/dist/made.txt").read_text()
        self.wfile.write(f"{made}, {beside.NAME}, {pathlib.Path('data').is_dir()}".encode())

http.server.HTTPServer(("", int(os.environ["PORT"])), Answer).serve_forever()
""",
    "backend/beside.py": 'NAME = "beside"\n',
    **{name: text for name, text in FILES.items() if name.startswith("frontend/")},
}


@BUILDERS
def test_two_languages_side_by_side_are_one_application(
    cli: Cli, tmp_path: Path, options: tuple[str, ...]
) -> None:
    app = write(tmp_path / "shop", SIDE_BY_SIDE)
    store_path = location(cli, app, *options)
    runtime = json.loads((store_path / "hop3/runtime.json").read_text())
    assert runtime["working_dir"].endswith("-app/tree/backend" if options == NIX else "/backend")
    made = Path(runtime["static_paths"]["/made"])
    assert (made / "made.txt").read_text() == "made in production"
    port = free_port()
    state = {"PORT": str(port), "HOP3_STATE_DIR": str(tmp_path)}
    argv = [str(store_path / "bin/web")]
    if options == NIX:
        argv = [*only_closure(store_path, state), *argv]
    with started(argv, env={**os.environ, **state}) as log:
        answer = fetch(port, "/", log)
    assert answer == (200, "made in production, beside, True"), log.read_text()


def test_messages_name_the_files_of_both_languages_from_the_top(cli: Cli, tmp_path: Path) -> None:
    app = write(tmp_path / "shop", SIDE_BY_SIDE)
    said = cli("plan", app, *NIX).stdout
    assert "(backend/requirements.txt" in said
    (app / "backend/requirements.txt").write_text("itsdangerous==\n")
    done = cli("plan", app, *NIX, status=BAD_INPUT)
    assert "backend/requirements.txt:1" in done.stderr


def test_a_stage_is_reproducible(cli: Cli, tmp_path: Path) -> None:
    cli("build", write(tmp_path / "shop", FILES), *NIX, "--check")


@BUILDERS
def test_a_stage_at_the_top_sees_everything(
    cli: Cli, tmp_path: Path, options: tuple[str, ...]
) -> None:
    files = {
        "main.py": MAIN,
        "Procfile": "web: python main.py\n",
        "package.json": '{"name": "tools", "scripts": {"build": "node make.js"}}\n',
        "make.js": 'require("fs").copyFileSync("templates/page.html", "copied.html")\n',
        "templates/page.html": "<p>hello</p>\n",
    }
    store_path = location(cli, write(tmp_path / "shop", files), *options)
    assert (tree_of(store_path) / "copied.html").read_text() == "<p>hello</p>\n"


@BUILDERS
def test_a_stage_in_a_directory_can_be_shown_everything(
    cli: Cli, tmp_path: Path, options: tuple[str, ...]
) -> None:
    app = write(tmp_path / "shop", {**FILES, "hop3.toml": "[build]\nassets-whole-tree = true\n"})
    tree = tree_of(location(cli, app, *options))
    assert (tree / "static/seen.txt").read_text() == "true"
    assert (tree / "main.py").read_text() == MAIN


@BUILDERS
def test_a_second_language_in_a_list_runs_beside_the_main_one(
    cli: Cli, tmp_path: Path, options: tuple[str, ...]
) -> None:
    server = """\
const { execFileSync } = require("node:child_process");
const say = (request, response) => response.end(execFileSync("python", ["tasks/tell.py"]));
require("node:http").createServer(say).listen(process.env.PORT);
"""
    files = {
        "hop3.toml": '[build]\ntoolchain = ["node", "python"]\nassets-dir = "tasks"\n',
        "package.json": '{"name": "shop", "scripts": {"start": "node server.js"}}\n',
        "server.js": server,
        "tasks/tell.py": "import itsdangerous\nprint(itsdangerous.Signer('k').sep)\n",
        "tasks/requirements.txt": (FLASK / "requirements.txt").read_text(),
    }
    store_path = location(cli, write(tmp_path / "shop", files), *options)
    port = free_port()
    state = {"PORT": str(port), "HOP3_STATE_DIR": str(tmp_path)}
    argv = [str(store_path / "bin/web")]
    if options == NIX:
        argv = [*only_closure(store_path, state), *argv]
    with started(argv, env={**os.environ, **state}) as log:
        assert fetch(port, "/", log) == (200, "b'.'\n"), log.read_text()


@BUILDERS
def test_a_stage_that_fails_is_named(cli: Cli, tmp_path: Path, options: tuple[str, ...]) -> None:
    failing = '{"name": "front", "scripts": {"build": "echo no such module >&2; exit 3"}}\n'
    app = write(tmp_path / "shop", {**FILES, "frontend/package.json": failing})
    done = cli("build", app, *options, status=BUILD_FAILED)
    assert "error: stage node in frontend: " in done.stderr
    assert "no such module" in done.stderr


@BUILDERS
def test_a_worker_in_the_language_of_a_stage_has_its_packages(
    cli: Cli, tmp_path: Path, options: tuple[str, ...]
) -> None:
    app = shutil.copytree(EXPRESS, tmp_path / "shop")
    write(app, {"main.py": MAIN, "Procfile": "web: python main.py\nssr: node server.js\n"})
    store_path = location(cli, app, *options)
    port = free_port()
    state = {"PORT": str(port), "HOP3_STATE_DIR": str(tmp_path)}
    argv = [str(store_path / "bin/ssr")]
    if options == NIX:
        argv = [*only_closure(store_path, state), *argv]
        assert not {name for name in names_in(store_path) if "build" in name}
    with started(argv, env={**os.environ, **state}) as log:
        status, text = fetch(port, "/", log)
    assert (status, "Hello from Express" in text) == (200, True), log.read_text()


YARN: Final = """\
# This file is generated by running "yarn install" inside your project.

__metadata:
  version: 8
  cacheKey: 10c0

"ms@npm:^2.1.3":
  version: 2.1.3
  resolution: "ms@npm:2.1.3"
  checksum: 10c0/0
  languageName: node
  linkType: hard

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
    ms: "npm:^2.1.3"
  languageName: unknown
  linkType: soft
"""


def test_each_language_has_a_lock_of_its_own(cli: Cli, tmp_path: Path) -> None:
    manifest = {"name": "shop", "scripts": {"build": "true"}, "dependencies": {"ms": "^2.1.3"}}
    files = {
        "requirements.txt": "itsdangerous\n",
        "main.py": MAIN,
        "Procfile": "web: python main.py\n",
        "package.json": json.dumps(manifest),
        "yarn.lock": YARN,
    }
    app = write(tmp_path / "shop", files)
    written = cli("lock", app, "--pkgs", "debian").stdout.split()
    assert [Path(file).name for file in written] == ["hop3-nix.lock", "hop3-nix.node.lock"]
    cli("plan", app, *NIX)
    (app / "yarn.lock").write_text(YARN.replace("10c0/0", "10c0/1"))
    done = cli("plan", app, *NIX, status=BAD_INPUT)
    assert "hop3-nix.node.lock: yarn.lock changed since hop3-nix.node.lock was" in done.stderr


def test_the_shell_has_both_languages(cli: Cli, tmp_path: Path) -> None:
    app = write(tmp_path / "shop", FILES)
    env = json.loads(cli("plan", app, *NIX, "--json").stdout)
    assert [stage["plan"]["toolchain"] for stage in env["stages"]] == ["node"]
    cli("render", app, "--pkgs", "debian", "-o", app / "hop3.nix")
    assert "stages.node.deps" in (app / "hop3.nix").read_text()


def test_the_program_that_collects_keeps_what_scripts_are(tmp_path: Path) -> None:
    """A script whose interpreter the build has named is not changed by that."""
    before = write(tmp_path / "before", {"run.sh": "#!/bin/sh\necho\n", "page.txt": "one\n"})
    now = write(tmp_path / "now", {"run.sh": "#!/nix/store/x-bash\necho\n", "page.txt": "two\n"})
    spec = {"source": str(before), "tree": str(now), "skipped": [], "references": []}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    program = ROOT / "nix/lib/scripts/collect_stage.py"
    argv = ["python3", str(program), str(tmp_path / "spec.json"), str(tmp_path / "out")]
    subprocess.run(argv, check=True)
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["page.txt"]
