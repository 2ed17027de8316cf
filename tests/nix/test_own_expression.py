"""An application's own hop3.nix: built before anything else, and with nothing of the caller's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import ExitCode

if TYPE_CHECKING:
    from conftest import Cli

OWN = """
{ pkgs ? import <nixpkgs> { }, lib ? null }:
{
  package = pkgs.runCommand "own" { } ''
    mkdir -p $out/hop3 $out/bin
    printf '#!/bin/sh\\necho "$MARK in $PWD"\\n' > $out/bin/web
    chmod +x $out/bin/web
    cat ${./word} > $out/word
    echo '{"workers": {"web": "'$out'/bin/web"}, "env": {"MARK": "own"}, "path": ["'$out'/bin"]}' \\
      > $out/hop3/runtime.json
  '';
}
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name, text in (("hop3.nix", OWN), ("word", "one"), ("Procfile", "web: gunicorn app:app")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_it_is_built_and_runs(
    cli: Cli, app: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first = Path(cli("build", app).stdout.strip())
    assert (first / "word").read_text() == "one"
    assert cli("build", app).stdout == f"{first}\n"
    state = tmp_path_factory.mktemp("state")
    done = cli("exec", "--state-dir", state, "web", app)
    assert done.stdout == f"own in {state}\n"
    (app / "word").write_text("two")
    assert (Path(cli("build", app).stdout.strip()) / "word").read_text() == "two"
    assert "hop3.nix is the application's own" in cli("plan", app).stdout
    beside = json.loads(cli("build", app, "--artifact-file", "--json").stdout)
    assert json.loads((app / "BUILD_ARTIFACT.json").read_bytes()) == beside
    assert cli("build", app).stdout == f"{beside['location']}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{ package = builtins.readFile "/etc/hostname"; }', "/etc/hostname' is forbidden"),
        ("{ package = builtins.path { path = /root; }; }", "'/root' is forbidden"),
        ("{ package = import <nixpkgs>; }", "'nixpkgs' was not found"),
        ('builtins.fetchTarball "http://127.0.0.1:1/x"', "'http://127.0.0.1:1/x' is forbidden"),
        ('builtins.fetchGit { url = "ext::touch x"; }', "'ext::touch x' is forbidden"),
        ('{ package.drvPath = abort "HOME is ${builtins.getEnv "HOME"}."; }', "HOME is ."),
        ("{", "syntax error"),
    ],
)
def test_what_it_asks_of_the_machine_is_refused(cli: Cli, app: Path, text: str, why: str) -> None:
    (app / "hop3.nix").write_text(text, encoding="utf-8")
    done = cli("build", app, status=ExitCode.BAD_INPUT)
    assert "error: hop3.nix: cannot be evaluated: " in done.stderr
    assert why in done.stderr


def test_a_result_that_does_not_say_how_it_runs_is_refused(cli: Cli, app: Path) -> None:
    text = '{ pkgs }: { package = pkgs.runCommand "none" { } "mkdir $out"; }'
    (app / "hop3.nix").write_text(text, encoding="utf-8")
    done = cli("build", app, status=ExitCode.BAD_INPUT)
    assert "hop3.nix: what it builds has no hop3/runtime.json" in done.stderr


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("__noChroot = true;", "__noChroot"),
        ('outputHash = "x"; outputHashMode = "flat";', "hash"),
        ('exportReferencesGraph = [ "only" ];', "exportReferencesGraph"),
    ],
)
def test_what_nix_refuses_to_build_of_it_is_its_own_fault(
    cli: Cli, app: Path, said: str, why: str
) -> None:
    derivation = (
        'derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; '
        f'args = [ "-c" "exit 1" ]; {said} }}'
    )
    (app / "hop3.nix").write_text(f"{{ package = {derivation}; }}", encoding="utf-8")
    done = cli("build", app, status=ExitCode.BAD_INPUT)
    assert "error: hop3.nix: cannot be" in done.stderr
    assert why in done.stderr
    assert "Report it" not in done.stderr


def test_it_has_the_limits_of_any_build(cli: Cli, app: Path) -> None:
    sleeping = '{ pkgs }: { package = pkgs.runCommand "slow" { } "sleep 300; mkdir $out"; }'
    (app / "hop3.nix").write_text(sleeping, encoding="utf-8")
    done = cli("build", app, "--timeout", "2", status=ExitCode.BUILD_FAILED)
    assert "took too long" in done.stderr
    endless = "{ package = let all = number: [ number ] ++ all (number + 1); in all 0; }"
    (app / "hop3.nix").write_text(endless, encoding="utf-8")
    done = cli("build", app, "--max-memory", "400M", status=ExitCode.BAD_INPUT)
    assert "hop3.nix: cannot be evaluated" in done.stderr


def test_it_excludes_a_template(cli: Cli, app: Path) -> None:
    (app / "hop3.toml").write_text('[metadata]\nid = "a"\n[nix]\ntemplate = "php-app"\n')
    for command in ("build", "plan"):
        done = cli(command, app, status=ExitCode.BAD_INPUT)
        assert "error: hop3.toml:4: [nix] template is given, and so is hop3.nix" in done.stderr


@pytest.mark.parametrize("command", ["lock", "render"])
def test_there_is_nothing_else_to_make_of_it(cli: Cli, app: Path, command: str) -> None:
    done = cli(command, app, status=ExitCode.BAD_INPUT)
    assert "error: hop3.nix: is the application's own" in done.stderr
