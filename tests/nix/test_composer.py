"""composer.lock on real Nix: what composer installs is what it installs elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from composer import PACKAGES, make_repository, served
from hop3_nix.files.resources import NIX
from hop3_nix.packagesets import DebianSet
from running import answer_of, closure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Cli, Nix

SCRIPT = "@php -r \"file_put_contents('vendor/by-script.txt', 'a script');\""

INDEX = """<?php
require __DIR__ . '/../vendor/autoload.php';
$process = new Symfony\\Component\\Process\\Process(['true']);
echo $process->getCommandLine(), interface_exists(Psr\\Log\\LoggerInterface::class) ? ' logs' : '';
"""


class Composed(NamedTuple):
    """An application with a lock, what composer itself has installed for it, and the repository."""

    app: Path
    plain: Path
    repository: Path


@pytest.fixture(scope="module")
def composed(nix: Nix, state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    DebianSet(directory=state / "debian").prepare(lambda _line: None, "php")
    done = nix(
        "nix-build",
        "--no-out-link",
        NIX / "debian",
        *("-A", "php84.packages.composer"),
        *("-A", "unzip"),
    )
    composer, unzip = map(Path, done.stdout.split())
    directory = tmp_path_factory.mktemp("composer")
    app, plain, repository = (directory / name for name in ("app", "plain", "repository"))
    repository.mkdir()
    with served(repository) as address:
        make_repository(composer / "share/php", repository, address)
        names = {package.name: f"^{package.version}" for package in PACKAGES}
        (app / "public").mkdir(parents=True)
        (app / "public/index.php").write_text(INDEX)
        manifest = {
            "require": {"php": "^8.2", **names, "example/plugin": "*", "example/tool": "*"},
            "repositories": [{"type": "composer", "url": address}, {"packagist.org": False}],
            "config": {"secure-http": False, "allow-plugins": {"example/plugin": True}},
            "scripts": {"post-autoload-dump": SCRIPT},
        }
        (app / "composer.json").write_text(json.dumps(manifest, indent=4))
        shutil.copytree(app, plain)
        env = {
            "PATH": f"{unzip}/bin:{os.environ['PATH']}",
            "HOME": str(directory),
            "COMPOSER_ALLOW_SUPERUSER": "1",
        }
        subprocess.run(
            [composer / "bin/composer", "update", "--no-dev", "--no-interaction", "--quiet"],
            cwd=plain, env=env, check=True,
        )  # fmt: skip
        shutil.copy(plain / "composer.lock", app)
        yield Composed(app, plain, repository)


def test_what_is_installed_is_what_composer_installs(cli: Cli, composed: Composed) -> None:
    cli("lock", composed.app, "--pkgs", "debian")
    built = cli("build", composed.app, "--builder", "nix", "--pkgs", "debian", "--check", "--json")
    location = Path(json.loads(built.stdout)["location"])
    tree = Path(json.loads((location / "hop3/runtime.json").read_text())["working_dir"])
    # Programs name their interpreter, as in all trees.
    but_shebangs = ["diff", "-r", "-I", "^#!"]
    subprocess.run([*but_shebangs, composed.plain / "vendor", tree / "vendor"], check=True)
    assert (tree / "vendor/by-plugin.txt").read_text() == "a plugin\n"
    assert (tree / "vendor/by-script.txt").read_text() == "a script"
    assert os.access(tree / "vendor/bin/tool", os.X_OK)
    assert answer_of(location, "nix") == "'true' logs"
    names = [Path(path).name for path in closure(location)]
    assert not [name for name in names if name.endswith(".zip") or "composer" in name]


def test_an_archive_that_is_not_the_locked_one_is_refused(cli: Cli, composed: Composed) -> None:
    archive = composed.repository / "psr-log.zip"
    content = archive.read_bytes()
    try:
        archive.write_bytes(content + b"more")
        said = cli("lock", composed.app, "--pkgs", "debian", status=65).stderr
        assert "not the one that composer locked" in said
        archive.unlink()
        said = cli("lock", composed.app, "--pkgs", "debian", status=65).stderr
        assert "answers 404" in said
    finally:
        archive.write_bytes(content)
