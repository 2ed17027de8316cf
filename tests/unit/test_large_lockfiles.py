"""Lockfiles of many packages are read in a time that grows with them, and not faster."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from fuzz.apps import plan, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Files = dict[str, str]

SHA: Final = "a" * 64
INTEGRITY: Final = f"sha512-{'a' * 86}=="
FEW: Final = 300
MANY: Final = 8


def project(names: list[str]) -> str:
    return f'[project]\nname = "s"\nversion = "1"\ndependencies = {json.dumps(names)}\n'


def uv(names: list[str]) -> Files:
    needs = ", ".join(f'{{ name = "{name}" }}' for name in names)
    source = 'source = { registry = "https://i.example" }'
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1.0"\n{source}\nwheels = [{{ url = '
        f'"https://i.example/{name}-1.0-py3-none-any.whl", hash = "sha256:{SHA}" }}]\n\n'
        for name in names
    )
    return {
        "main.py": "",
        "pyproject.toml": project(names),
        "uv.lock": f'version = 1\nrequires-python = ">=3.11"\n\n{packages}[[package]]\nname = "s"\n'
        f'version = "1"\nsource = {{ virtual = "." }}\ndependencies = [{needs}]\n'
        f"[package.metadata]\nrequires-dist = [{needs}]\n",
    }


def pylock(names: list[str]) -> Files:
    packages = "".join(
        f'[[packages]]\nname = "{name}"\nversion = "1.0"\n[[packages.wheels]]\nurl = "https://i.example'
        f'/{name}-1.0-py3-none-any.whl"\nhashes = {{ sha256 = "{SHA}" }}\n'
        for name in names
    )
    return {"main.py": "", "pylock.toml": f'lock-version = "1.0"\ncreated-by = "x"\n{packages}'}


def pipenv(names: list[str]) -> Files:
    default = {name: {"hashes": [f"sha256:{SHA}"], "version": "==1.0"} for name in names}
    lock: dict[str, Any] = {"_meta": {"pipfile-spec": 6, "requires": {}}, "default": default}
    return {"main.py": "", "Pipfile.lock": json.dumps(lock, indent=1)}


def requirements(names: list[str]) -> Files:
    lines = "".join(f"{name}==1.0 --hash=sha256:{SHA}\n" for name in names)
    return {"main.py": "", "requirements.txt": lines}


def npm(names: list[str]) -> Files:
    wanted = dict.fromkeys(names, "^1")
    packages: dict[str, Any] = {"": {"name": "s", "dependencies": wanted}}
    for name in names:
        url = f"https://r.example/{name}/-/{name}-1.0.0.tgz"
        packages[f"node_modules/{name}"] = {
            "version": "1.0.0",
            "resolved": url,
            "integrity": INTEGRITY,
        }
    lock = {"name": "s", "lockfileVersion": 3, "packages": packages}
    manifest = {"name": "s", "dependencies": wanted, "scripts": {"start": "node x.js"}}
    return {
        "x.js": "",
        "package.json": json.dumps(manifest, indent=1),
        "package-lock.json": json.dumps(lock, indent=1),
    }


def bundler(names: list[str]) -> Files:
    def section(title: str, form: str) -> str:
        return f"{title}\n" + "".join(form.format(name) for name in names) + "\n"

    return {
        "config.ru": "",
        "Procfile": "web: true\n",
        "Gemfile": "source 'https://g.example'\n" + "".join(f"gem '{name}'\n" for name in names),
        "Gemfile.lock": section("GEM\n  remote: https://g.example/\n  specs:", "    {} (1.0)\n")
        + "PLATFORMS\n  ruby\n\n"
        + section("DEPENDENCIES", "  {}\n")
        + section("CHECKSUMS", f"  {{}} (1.0) sha256={SHA}\n"),
    }


def composer(names: list[str]) -> Files:
    packages = [
        {
            "name": f"v/{name}",
            "version": "1.0.0",
            "dist": {"type": "zip", "url": f"https://c.example/{name}.zip"},
        }
        for name in names
    ]
    lock = json.dumps({"packages": packages, "packages-dev": []}, indent=1)
    own = {
        "format": 1,
        "inputs": {"composer.lock": hashlib.sha256(lock.encode()).hexdigest()},
        "php": {f"https://c.example/{name}.zip": SHA for name in names},
    }
    return {
        "index.php": "<?php",
        "composer.json": json.dumps({"require": {f"v/{name}": "*" for name in names}}),
        "composer.lock": lock,
        "hop3-nix.lock": json.dumps(own),
    }


@pytest.mark.parametrize("made", [uv, pylock, pipenv, requirements, npm, bundler, composer])
def test_the_time_grows_with_the_packages(
    made: Callable[[list[str]], Files], tmp_path: Path
) -> None:
    seconds = []
    for number in (1, FEW, FEW * MANY):
        app = tmp_path / str(number)
        write(made([f"p{each}" for each in range(number)]), app)
        began = time.process_time()
        found = plan(app)
        seconds.append(time.process_time() - began)
        assert len(found.dependencies) == number
    # What grows with the square of them would take 64 times as long; a first plan takes longer.
    assert seconds[2] < max(seconds[1], 0.05) * MANY * 3
