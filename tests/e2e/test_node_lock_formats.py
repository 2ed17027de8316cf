"""A Node application locked by the tools that people use: built, started and fetched."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from managers import path_with
from running import answer_of, closure

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Cli

PACKAGE: Final = {
    "name": "shop",
    "private": True,
    "workspaces": ["packages/*"],
    "scripts": {
        "build": "npm run bundle",
        "bundle": "esbuild src/built.ts --outfile=dist/built.js --format=cjs",
        "start": "node server.js",
    },
    "dependencies": {"greeter": "1.0.0", "ms": "^2.1.3", "old": "npm:ms@2.0.0"},
    "devDependencies": {"esbuild": "^0.25.0"},
}
GREETER: Final = {
    "name": "greeter",
    "version": "1.0.0",
    "main": "index.js",
    "dependencies": {"once": "^1.4.0"},
}
SERVER: Final = """\
const http = require("node:http");
const { greet } = require("greeter");

function has(name) {
  try {
    return Boolean(require.resolve(name));
  } catch {
    return false;
  }
}

const facts = {
  alias: require("old/package.json").version,
  built: require("./dist/built.js").built,
  compiler: has("esbuild"),
  greeting: greet("shop"),
  ms: require("ms")("2 days"),
};
http.createServer((request, response) => response.end(JSON.stringify(facts)))
  .listen(process.env.PORT, "127.0.0.1");
"""
FILES: Final = {
    "package.json": json.dumps(PACKAGE, indent=2),
    "packages/greeter/package.json": json.dumps(GREETER, indent=2),
    "packages/greeter/index.js": 'const once = require("once");\n'
    "exports.greet = once((name) => `Hello, ${name}`);\n",
    "server.js": SERVER,
    "src/built.ts": 'export const built: string = "by esbuild";\n',
    # pnpm takes its workspaces from a file of its own, and links them only if told to.
    "pnpm-workspace.yaml": 'packages: ["packages/*"]\n',
    ".npmrc": "link-workspace-packages=true\n",
    ".yarnrc.yml": "enableTelemetry: false\nnodeLinker: node-modules\n",
}
EXPECTED: Final = {
    "alias": "2.0.0",
    "built": "by esbuild",
    "compiler": False,
    "greeting": "Hello, shop",
    "ms": 172800000,
}


class Format(NamedTuple):
    """A lockfile: which program of which package writes it, and how."""

    file: str
    package: str
    argv: tuple[str, ...]


NPM: Final = ("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit")
FORMATS: Final = {
    "npm 3": Format("package-lock.json", "", NPM),
    "npm 2": Format("package-lock.json", "", (*NPM, "--lockfile-version=2")),
    "npm shrinkwrap": Format("npm-shrinkwrap.json", "", NPM),
    "pnpm 9.0": Format("pnpm-lock.yaml", "pnpm@9", ("pnpm", "install", "--lockfile-only")),
    "pnpm 6.0": Format("pnpm-lock.yaml", "pnpm@8", ("pnpm", "install", "--lockfile-only")),
    "yarn 1": Format(
        "yarn.lock", "yarn@1", ("yarn", "install", "--ignore-scripts", "--no-progress")
    ),
    "yarn 4": Format(
        "yarn.lock", "@yarnpkg/cli-dist@4", ("yarn", "install", "--mode=update-lockfile")
    ),
    # pnpm's file beside it says that Bun only installs, and Node runs.
    "bun 1.4": Format("bun.lock", "bun@1.4", ("bun", "install", "--lockfile-only")),
}


class Locked(NamedTuple):
    """The application, locked, and the PATH on which its package manager is."""

    tree: Path
    path: str


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Locked]:
    """Return what locks the application in one format, once each."""

    @cache
    def install(package: str) -> str:
        if not package:
            return os.environ["PATH"]
        return path_with(package, tmp_path_factory.mktemp("manager"))

    @cache
    def lock(name: str) -> Locked:
        how = FORMATS[name]
        tree = tmp_path_factory.mktemp("locked") / "shop"
        for file, text in FILES.items():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            (tree / file).write_text(text)
        path = install(how.package)
        run(how.argv, tree, path)
        if how.file == "npm-shrinkwrap.json":
            (tree / "package-lock.json").rename(tree / how.file)
        return Locked(tree, path)

    return lock


def run(argv: tuple[str, ...], directory: Path, path: str = "") -> None:
    env = {**os.environ, "PATH": path or os.environ["PATH"]}
    done = subprocess.run(argv, cwd=directory, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("builder", ["nix", "local"])
def test_the_application_answers(
    cli: Cli,
    locked: Callable[[str], Locked],
    builder: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree, path = locked(name)
    monkeypatch.setenv("PATH", path)
    # The only one whose digests are of no use as they stand.
    lock = ["--lock"] if name == "yarn 4" else []
    built = cli("build", tree, "--builder", builder, "--json", *lock)
    location = Path(json.loads(built.stdout)["location"])
    assert json.loads(answer_of(location, builder)) == EXPECTED


@pytest.mark.parametrize("name", ["npm 3", "pnpm 9.0", "yarn 1"])
def test_nothing_of_the_build_is_in_the_closure(
    cli: Cli, locked: Callable[[str], Locked], name: str
) -> None:
    built = cli("build", locked(name).tree, "--builder", "nix", "--json")
    paths = closure(Path(json.loads(built.stdout)["location"]))
    assert not [path for path in paths if path.endswith(".tgz")]
    assert not [path for path in paths if "esbuild" in path or "build-deps" in path]
