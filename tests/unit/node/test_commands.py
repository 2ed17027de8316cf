"""Command lines that call a package manager, written out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.errors import ConfigError
from hop3_nix.source import Source
from hop3_nix.toolchains.node.commands import Place, calls_manager, write_out
from hop3_nix.toolchains.node.packages import Packages

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Packages]

HERE = Place("Procfile", 3)
SCRIPTS = {
    "start": "node server.js",
    "serve": "PORT=$PORT node server.js",
    "two": "a && b",
    "all": "npm run two && npm run serve",
    "postwork": "after",
    "prework": "before",
    "work": "node work.js",
    "moves": "cd client && vite build",
    "loop": "npm run loop2",
    "loop2": "yarn loop",
    "version": "node server.js --tag $npm_package_version",
}
API = {
    "name": "@me/api",
    "scripts": {"start": "node index.js", "serve": "tsx index.ts", "up": "cd .. && npm start"},
}


@pytest.fixture
def packages(tmp_path: Path) -> Make:
    """Open an app with these scripts at its top, and a workspace in api/."""

    def make(**scripts: str) -> Packages:
        top: dict[str, Any] = {"workspaces": ["api"], "scripts": scripts or SCRIPTS}
        (tmp_path / "api").mkdir(exist_ok=True)
        (tmp_path / "package.json").write_text(json.dumps(top, indent=2))
        (tmp_path / "api/package.json").write_text(json.dumps(API, indent=2))
        return Packages(Source.open(tmp_path))

    return make


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("node server.js", "node server.js"),
        ("bun run start", "node server.js"),
        ("bun start --port 1", "node server.js --port 1"),
        ("bun run server.ts", "bun run server.ts"),
        ("bun --hot server.ts", "bun --hot server.ts"),
        ("bun test", "bun test"),
        ("bunx vite build", "vite build"),
        ("bun x vite build", "vite build"),
        ("bun --cwd api serve", "bun --cwd api serve"),
        ("bun --filter @me/api start", "cd api && node index.js"),
        ("npm start", "node server.js"),
        ("npm run start", "node server.js"),
        ("npm run-script start", "node server.js"),
        ("npm run --silent start", "node server.js"),
        ("yarn start", "node server.js"),
        ("yarn run start", "node server.js"),
        ("pnpm start", "node server.js"),
        ("pnpm run start", "node server.js"),
        ("npm start -- --port $PORT", "node server.js --port $PORT"),
        ("npm start more", "node server.js more"),
        ("yarn start --port $PORT", "node server.js --port $PORT"),
        ('npm run work -- "two words"', 'before && node work.js "two words" && after'),
        ("exec npm start", "exec node server.js"),
        ("A=1 npm start", "A=1 node server.js"),
        ("A=1 npm run two", "export A=1; a && b"),
        ("npm run two && c", "(a && b) && c"),
        ("npm run all", "(a && b) && PORT=$PORT node server.js"),
        ("npm run moves && npm start", "(cd client && vite build) && node server.js"),
        ("npx prisma migrate deploy", "prisma migrate deploy"),
        ("npm exec -- prisma generate", "prisma generate"),
        ("pnpm exec tsc -p .", "tsc -p ."),
        ("yarn node server.js", "node server.js"),
        ("npm install && npm start", "npm install && node server.js"),
        ("echo 'a; npm start'", "echo 'a; npm start'"),
        ("mynpm start", "mynpm start"),
    ],
)
def test_scripts_stand_for_what_they_run(packages: Make, line: str, result: str) -> None:
    assert write_out(line, packages(), HERE) == result


@pytest.mark.parametrize(
    "line",
    [
        "cd api && npm start",
        "cd ./api; yarn start",
        "npm start -w api",
        "npm start --workspace=@me/api",
        "npm run start --workspace api",
        "npm --prefix api start",
        "npm --prefix ./api run start",
        "npm start --prefix api",
        "yarn workspace @me/api start",
        "yarn workspace @me/api run start",
        "yarn --cwd api start",
        "pnpm --filter @me/api start",
        "pnpm -F ./api run start",
        "pnpm -C api start",
    ],
)
def test_a_script_of_a_directory_is_run_there(packages: Make, line: str) -> None:
    written = write_out(line, packages(), HERE)
    assert written in {"cd api && node index.js", "cd ./api; node index.js"}


@pytest.mark.parametrize(
    "line",
    [
        "npm start --port $PORT",  # npm takes the option for itself
        "npx --yes serve@14",
        "npm ci",
        "npm run serve -w api",  # tsx may be in the node_modules of api alone
        "npm run start -w nobody",
        "npm run build --workspaces",
        "pnpm -r start",
        "pnpm --filter @me/api... start",
        "npm --prefix nowhere start",
        "cd $WHERE && npm start",
        "cd ../other && npm start",
        "(cd api && npm start); npm start x",
        'sh -c "npm start"',
        "npm run version",
        'concurrently "npm start" "npm run all"',
    ],
)
def test_what_only_a_package_manager_knows_is_left_to_it(packages: Make, line: str) -> None:
    written = write_out(line, packages(), HERE)
    assert written == line
    assert calls_manager(written)


def test_a_script_may_leave_its_directory(packages: Make) -> None:
    assert write_out("npm run up -w api", packages(), HERE) == ("cd api && cd .. && node server.js")


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        ("run-p api ticker", True),
        ("nodemon --exec 'npm start'", True),
        ("turbo run start", True),
        ("node npm.js", False),
        ("node_modules/.bin/x --npm", False),
        ("node server.js", False),
    ],
)
def test_programs_that_call_a_package_manager_are_known(line: str, *, calls: bool) -> None:
    assert calls_manager(line) is calls


def test_start_without_a_script_is_server_js(packages: Make) -> None:
    assert write_out("npm start", packages(build="x"), HERE) == "node server.js"


def test_a_script_that_is_not_there_is_an_error_with_those_that_are(packages: Make) -> None:
    with pytest.raises(ConfigError, match=r"^Procfile:3: there is no script 'sart'") as error:
        write_out("npm run sart", packages(start="x", build="y"), HERE)
    assert error.value.tip == "Scripts that there are: start, build."


def test_a_script_that_a_workspace_does_not_have_is_an_error(packages: Make) -> None:
    with pytest.raises(ConfigError, match=r"no script 'all' in api/package\.json"):
        write_out("cd api && npm run all", packages(), HERE)


def test_scripts_that_run_each_other_are_an_error(packages: Make) -> None:
    with pytest.raises(ConfigError, match="for ever"):
        write_out("npm run loop", packages(), HERE)
