"""``hop3-nix verify``: each of the five outcomes, by a real build and a real start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Cli

SERVER = "web: python -m http.server $PORT\n"


def app(path: Path, **files: str) -> Path:
    path.mkdir()
    for name, text in {"requirements": "", **files}.items():
        (
            path / {"requirements": "requirements.txt", "toml": "hop3.toml"}.get(name, name)
        ).write_text(text)
    return path


def test_what_is_reproducible_and_runs(cli: Cli, tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    done = cli("verify", ROOT / "examples/static-site", "--json", "--junit", junit)
    (found,) = json.loads(done.stdout)
    assert (found["outcome"], found["tier"], found["detail"]) == ("reproducible", 2, "")
    assert 'failures="0"' in junit.read_text()


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        (
            {"Procfile": SERVER, "toml": '[build]\nbuild = "date +%N >page"\n'},
            103,
            "differs: differs-app: app/page",
        ),
        ({"Procfile": "web: python -c 'exit(3)'\n"}, 104, "does not run: web ended with status 3"),
        (
            {"Procfile": SERVER, "toml": '[healthcheck]\npath = "/up"\ntimeout = 2\n'},
            104,
            "does not run: web answered 404 within 2 s",
        ),
        ({"Procfile": SERVER, "toml": '[build]\nbuild = "false"\n'}, 100, "does not build: "),
        ({"Procfile": "web: 'x\n"}, 65, "refused: Procfile:1"),
    ],
)
def test_what_falls_short(
    cli: Cli, tmp_path: Path, files: dict[str, str], status: int, said: str
) -> None:
    root = app(tmp_path / "differs", **files)
    done = cli("verify", root, "--junit", tmp_path / "x.xml", status=status)
    assert said in done.stdout
    assert 'failures="1"' in (tmp_path / "x.xml").read_text()


def test_a_variable_that_is_required_can_be_given(cli: Cli, tmp_path: Path) -> None:
    root = app(tmp_path / "needs", Procfile=SERVER, toml='[env]\n_required = ["KEY"]\n')
    assert "KEY is not set" in cli("verify", root, status=104).stdout
    cli("verify", root, "--env", "KEY=x")
    assert "not NAME=VALUE" in cli("verify", root, "--env", "KEY", status=2).stderr
