"""Command lines that call a package manager, written out."""

from __future__ import annotations

import json

import pytest

from hop3_nix.errors import ConfigError
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.manifest import Manifest

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
}


def manifest(**scripts: str) -> Manifest:
    data = {"scripts": scripts or SCRIPTS}
    return Manifest(data, json.dumps(data, indent=2))


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("node server.js", "node server.js"),
        ("npm start", "node server.js"),
        ("npm run start", "node server.js"),
        ("npm run-script start", "node server.js"),
        ("npm run --silent start", "node server.js"),
        ("yarn start", "node server.js"),
        ("yarn run start", "node server.js"),
        ("pnpm start", "node server.js"),
        ("pnpm run start", "node server.js"),
        ("npm start -- --port $PORT", "node server.js --port $PORT"),
        ("npm start --port $PORT", "node server.js"),
        ("yarn start --port $PORT", "node server.js --port $PORT"),
        ('npm run work -- "two words"', 'before && node work.js "two words" && after'),
        ("exec npm start", "exec node server.js"),
        ("A=1 npm start", "A=1 node server.js"),
        ("A=1 npm run two", "export A=1; a && b"),
        ("npm run two && c", "(a && b) && c"),
        ("npm run all", "(a && b) && PORT=$PORT node server.js"),
        ("npm run moves && npm start", "(cd client && vite build) && node server.js"),
        ("npx prisma migrate deploy", "prisma migrate deploy"),
        ("npx --yes serve@14", "npx --yes serve@14"),
        ("npm exec -- prisma generate", "prisma generate"),
        ("pnpm exec tsc -p .", "tsc -p ."),
        ("yarn node server.js", "node server.js"),
        ("npm ci", "npm ci"),
        ("npm install && npm start", "npm install && node server.js"),
        ("echo 'a; npm start'", "echo 'a; npm start'"),
        ("mynpm start", "mynpm start"),
    ],
)
def test_scripts_stand_for_what_they_run(line: str, result: str) -> None:
    assert write_out(line, manifest(), HERE) == result


def test_start_without_a_script_is_server_js() -> None:
    assert write_out("npm start", manifest(build="x"), HERE) == "node server.js"


def test_a_script_that_is_not_there_is_an_error_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"^Procfile:3: there is no script 'sart'") as error:
        write_out("npm run sart", manifest(start="x", build="y"), HERE)
    assert error.value.tip == "Scripts that there are: start, build."


def test_scripts_that_run_each_other_are_an_error() -> None:
    with pytest.raises(ConfigError, match="for ever"):
        write_out("npm run loop", manifest(), HERE)
