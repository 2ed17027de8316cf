"""The flake that `hop3-nix init --flake` writes: Nix alone builds, checks and runs the app."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from running import fetch, free_port, started

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Cli
    from flakes import Flakes

EXAMPLES = ("node-express", "python-flask", "static-site")


@pytest.fixture(scope="module")
def apps(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with some examples, each with its flake."""
    directory = tmp_path_factory.mktemp("apps")
    for name in EXAMPLES:
        shutil.copytree(ROOT / "examples" / name, directory / name)
        cli("init", directory / name, "--flake", "--pkgs", "debian")
    return directory


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_checks_start_the_application_and_ask_it(flakes: Flakes, apps: Path, name: str) -> None:
    # What has to be built in order to evaluate would keep CI from seeing what there is.
    alone = ("--option", "allow-import-from-derivation", "false")
    flakes.run("flake check", f"path:{apps / name}", *alone)
    shown = flakes.run("eval", "--json", f"path:{apps / name}#checks.x86_64-linux.web.args")
    assert json.loads(shown.stdout)[3] == "web"


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_package_is_the_artifact(
    flakes: Flakes, apps: Path, cli: Cli, tmp_path: Path, name: str
) -> None:
    built = cli("build", apps / name, "--builder", "nix", "--pkgs", "debian").stdout.strip()
    flakes.run("build", f"path:{apps / name}", "-o", tmp_path / "result")
    assert str((tmp_path / "result").resolve()) == built


def test_it_runs(flakes: Flakes, apps: Path, tmp_path: Path) -> None:
    port = free_port()
    argv = flakes.argv("run", f"path:{apps}/python-flask")
    env = {**flakes.environment(), "PORT": str(port), "HOP3_STATE_DIR": str(tmp_path)}
    with started(argv, env=env) as log:
        assert fetch(port, "/health", log) == (200, '{"status":"ok"}\n')


def test_each_worker_is_an_app_with_a_directory_of_its_own(
    flakes: Flakes, apps: Path, tmp_path: Path
) -> None:
    argv = flakes.argv("run", f"path:{apps}/python-flask#cron", "--", "--help")
    env = {**flakes.environment(), "XDG_STATE_HOME": str(tmp_path)}
    subprocess.run(argv, env=env, check=False, capture_output=True)
    assert (tmp_path / "flask-demo").is_dir()


@pytest.mark.parametrize(
    ("name", "command", "shown"),
    [
        ("python-flask", "python3 -c 'import flask; print(flask.__name__)'", "flask"),
        ("python-flask", 'echo "$GREETING"', "Flask"),
        ("node-express", "node -e 'console.log(typeof require(\"express\"))'", "function"),
        ("node-express", "npm --version >/dev/null && echo npm", "npm"),
    ],
)
def test_its_shell_has_the_interpreter_and_the_locked_packages(
    flakes: Flakes, apps: Path, name: str, command: str, shown: str
) -> None:
    shell = ("-i", "-k", "HOME", "-c", "bash", "-c", command)
    assert flakes.run("develop", f"path:{apps / name}", *shell).stdout == f"{shown}\n"


def test_a_repository_builds_what_it_tracks(flakes: Flakes, apps: Path, tmp_path: Path) -> None:
    repository = shutil.copytree(apps / "static-site", tmp_path / "repository")
    git = ["git", "-C", str(repository), "-c", "user.name=T", "-c", "user.email=t@host.example"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "All"], check=True)
    (repository / "public/untracked.html").write_text("no part of it")
    flakes.run("build", str(repository), "-o", tmp_path / "result")
    flakes.run("build", f"path:{apps}/static-site", "-o", tmp_path / "expected")
    assert (tmp_path / "result").resolve() == (tmp_path / "expected").resolve()


def test_the_lock_is_the_pin_of_hop3_nix(apps: Path) -> None:
    assert (apps / "python-flask/flake.lock").read_text() == (ROOT / "flake.lock").read_text()


def test_a_flake_of_the_library_can_take_the_place_of_the_copy(
    flakes: Flakes, cli: Cli, tmp_path: Path
) -> None:
    app = shutil.copytree(ROOT / "examples/static-site", tmp_path / "app")
    cli("init", app, "--flake", "--library", "hop3-nix", "--pkgs", "debian")
    assert not (app / "hop3-nix").exists()
    assert not (app / "flake.lock").exists()
    library = tmp_path / "library"
    library.mkdir()
    shutil.copytree(ROOT / "nix", library / "nix")
    for part in ("postbuild", "workers"):
        shutil.copytree(ROOT / "src/hop3_nix" / part, library / "src/hop3_nix" / part)
    text = "{ outputs = _: { lib.appFlake = import ./nix/lib/flake; }; }"
    (library / "flake.nix").write_text(text)
    flakes.run("flake check", f"path:{app}", "--override-input", "hop3-nix", f"path:{library}")


# --- when what it was rendered from has changed


@pytest.mark.parametrize("file", ["requirements.txt", "hop3/Procfile"])
def test_a_stale_expression_is_told_when_built_and_fails_when_checked(
    flakes: Flakes, apps: Path, tmp_path: Path, file: str
) -> None:
    app = shutil.copytree(apps / "python-flask", tmp_path / "app")
    output = f"path:{app}#packages.x86_64-linux.default.outPath"
    current = flakes.run("eval", output)
    assert "render" not in current.stderr
    changed = app / file
    changed.parent.mkdir(exist_ok=True)
    with changed.open("a") as lines:
        lines.write("# another\n")
    stale = flakes.run("eval", output)
    assert stale.stderr.count(f"hop3.nix was rendered from another {file};") == 1
    assert "write it again: hop3-nix render -o hop3.nix" in stale.stderr
    if file == "hop3/Procfile":
        assert stale.stdout == current.stdout
    refused = flakes.run("flake check", "--no-build", f"path:{app}", status=1)
    assert f"hop3.nix was rendered from another {file};" in refused.stderr


def test_a_stale_expression_is_told_without_flakes(apps: Path, tmp_path: Path) -> None:
    app = shutil.copytree(apps / "static-site", tmp_path / "app")
    argv = ["nix-instantiate", str(app / "hop3.nix"), "-A", "package"]
    current = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert "rendered" not in current.stderr
    (app / "Procfile").write_text("web: true\n")
    stale = subprocess.run(argv, check=True, capture_output=True, text=True)
    assert "hop3.nix was rendered from another Procfile" in stale.stderr
    assert stale.stdout == current.stdout


# --- what init says


def test_what_is_there_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    app = shutil.copytree(ROOT / "examples/static-site", tmp_path / "app")
    (app / "flake.nix").write_text("{ }")
    refused = cli("init", app, "--flake", "--pkgs", "debian", status=65)
    assert "flake.nix is there already" in refused.stderr
    assert "--force" in refused.stderr
    assert (app / "flake.nix").read_text() == "{ }"
    assert not (app / "hop3.nix").exists()
    cli("init", app, "--flake", "--pkgs", "debian", "--force")
    assert "Written by hop3-nix" in (app / "flake.nix").read_text()


def test_what_it_has_written_it_writes_again(cli: Cli, apps: Path) -> None:
    cli("init", apps / "static-site", "--flake", "--pkgs", "debian")
    checked = cli("render", apps / "static-site", "--pkgs", "debian", "--check")
    assert checked.stdout == ""


def test_it_says_what_else_it_can_write(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    assert "say which: --flake" in cli("init", tmp_path, status=65).stderr


def test_a_directory_without_an_application_gets_nothing(cli: Cli, tmp_path: Path) -> None:
    cli("init", tmp_path, "--flake", "--pkgs", "debian", status=65)
    assert list(tmp_path.iterdir()) == []
