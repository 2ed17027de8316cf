"""Bun of the embedded set on real Nix, and node_modules as Bun itself makes them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from hop3_nix.files.resources import NIX
from hop3_nix.packagesets import DebianSet
from hop3_nix.packagesets.npm_programs import read_npm_languages
from running import closure, only_closure

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Cli, Nix

    Build = Callable[[str], Path]

(BUN,) = (language for language in read_npm_languages() if language.name == "bun")


@pytest.fixture(scope="module")
def build(nix: Nix, state: Path) -> Build:
    package_set = DebianSet(directory=state / "debian")
    package_set.prepare(lambda _line: None, "bun")
    offered = {each.named: each.version for each in package_set.target().offers_for("bun")}
    assert offered == {name: made.version for name, made in BUN.wanted.items()}

    def realise(attribute: str) -> Path:
        done = nix("nix-build", "--no-out-link", NIX / "debian", "-A", attribute)
        return Path(done.stdout.strip())

    return realise


@pytest.mark.parametrize("attribute", BUN.wanted)
def test_bun_runs_with_nothing_but_its_closure(attribute: str, build: Build) -> None:
    bun = build(attribute)
    version = BUN.wanted[attribute].version
    program = (
        "console.log(Bun.version, new Date(0).toLocaleString('fr', {timeZone: 'Europe/Paris'}))"
    )
    front = only_closure(bun, {"HOME": "/tmp", "PATH": f"{bun}/bin", "BUN_OPTIONS": "--no-install"})
    argv = [*front, f"{bun}/bin/bun", "-e", program]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"{version} 01/01/1970 01:00:00", done.stderr
    names = sorted(path.split("-", 1)[1] for path in closure(bun))
    assert names == [f"bun-{version}", "glibc", "stdcxx"]


# --- what is locked, compared with what Bun installs

SEEN: Final = (
    "cp -R node_modules seen; if [ -d lib/node_modules ]; then cp -R lib/node_modules seen-lib; fi"
)

PROJECTS: Final[dict[str, dict[str, Any]]] = {
    "nested versions, aliases, scopes and programs": {
        "package.json": {
            "dependencies": {"send": "0.19.0", "old": "npm:ms@2.0.0", "semver": "7.6.0"},
            "devDependencies": {"@types/ms": "^2.0.0", "cross-env": "7.0.3"},
            "optionalDependencies": {"fsevents": "^2.3.0", "@esbuild/linux-x64": "0.25.0"},
            "overrides": {"mime": "1.6.0"},
        },
    },
    "workspaces": {
        "package.json": {
            "private": True,
            "workspaces": ["lib"],
            "dependencies": {"@me/lib": "workspace:*", "ms": "2.0.0"},
        },
        "lib/package.json": {
            "name": "@me/lib",
            "version": "1.0.0",
            "bin": {"say": "say.js"},
            "dependencies": {"ms": "2.1.3", "once": "^1.4.0"},
        },
        "lib/say.js": "#!/usr/bin/env node\n",
    },
}


def listing(top: Path) -> dict[str, str]:
    """Return what is where below ``top``; interpreters of scripts are those of the machine."""
    found = {}
    for parent, folders, names in os.walk(top):
        for path in (Path(parent, name) for name in (*folders, *names)):
            if path.is_symlink():
                said = f"to {os.path.relpath(path.resolve(), top)}"
            elif path.is_dir():
                said = "directory"
            else:
                data = re.sub(rb"^#!.*/(env )?", b"#!", path.read_bytes())
                runs = "x" if path.stat().st_mode & 0o100 else "-"
                said = f"{runs} {hashlib.sha256(data).hexdigest()}"
            found[str(path.relative_to(top))] = said
    return found


@pytest.mark.parametrize("name", PROJECTS)
def test_modules_are_those_that_bun_installs(
    name: str, build: Build, cli: Cli, tmp_path: Path
) -> None:
    bun = build("bun") / "bin/bun"
    app = tmp_path / "app"
    for file, content in PROJECTS[name].items():
        (app / file).parent.mkdir(parents=True, exist_ok=True)
        (app / file).write_text(content if isinstance(content, str) else json.dumps(content))
    (app / "index.ts").write_text("")
    env = {**os.environ, "BUN_INSTALL_CACHE_DIR": str(tmp_path / "cache")}
    install = [str(bun), "install", "--linker=hoisted", "--ignore-scripts"]
    subprocess.run([*install, "--lockfile-only"], cwd=app, env=env, check=True)
    theirs = shutil.copytree(app, tmp_path / "theirs")
    (app / "hop3.toml").write_text(f"[build]\nbuild = {json.dumps([SEEN])}\n")
    artifact = json.loads(cli("build", app, "--builder", "nix", "--json").stdout)
    tree = Path(artifact["runtime"]["working_dir"])

    subprocess.run([*install, "--frozen-lockfile"], cwd=theirs, env=env, check=True)
    assert listing(tree / "seen") == listing(theirs / "node_modules")
    if (theirs / "lib/node_modules").exists():
        assert listing(tree / "seen-lib") == listing(theirs / "lib/node_modules")
    shutil.rmtree(theirs / "node_modules")
    production = [*install, "--frozen-lockfile", "--production"]
    subprocess.run(production, cwd=theirs, env=env, check=True)
    kept = {path.name for path in (tree / "node_modules").iterdir()}
    assert kept == {path.name for path in (theirs / "node_modules").iterdir()}


def test_a_script_that_is_trusted_runs_in_the_sandbox(
    build: Build, cli: Cli, tmp_path: Path
) -> None:
    bun = build("bun") / "bin/bun"
    app = tmp_path / "app"
    app.mkdir()
    manifest = {"dependencies": {"esbuild": "0.25.0"}, "trustedDependencies": ["esbuild"]}
    (app / "package.json").write_text(json.dumps(manifest))
    (app / "index.ts").write_text("")
    subprocess.run([str(bun), "install", "--lockfile-only"], cwd=app, check=True)
    built = cli("build", app, "--builder", "nix", "--json")
    tree = Path(json.loads(built.stdout)["runtime"]["working_dir"])
    # Its own postinstall puts the program of this platform into the place of its launcher.
    assert (tree / "node_modules/esbuild/bin/esbuild").read_bytes()[:4] == b"\x7fELF"
