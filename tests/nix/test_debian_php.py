"""PHP of the embedded set on real Nix: it runs in bubblewrap with its closure and nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.files.resources import NIX
from hop3_nix.packagesets import DebianSet
from hop3_nix.toolchains.php.extensions import ALWAYS
from running import only_closure

if TYPE_CHECKING:
    from conftest import Nix

ASK = """
date_default_timezone_set('Europe/Paris');
echo json_encode([
    'version' => PHP_VERSION,
    'zone' => date('T', 0),
    'zones' => count(DateTimeZone::listIdentifiers()) > 400,
    'extensions' => array_map(
        fn($name) => str_replace('zend opcache', 'opcache', strtolower($name)),
        get_loaded_extensions(),
    ),
    'cafile' => is_file(ini_get('openssl.cafile')),
    'session' => session_start(),
    'children' => trim(shell_exec(escapeshellarg(PHP_BINARY) . " -r 'echo extension_loaded(\\"pdo_pgsql\\");'")),
]);
"""  # noqa: E501 - a line of PHP


@pytest.mark.parametrize("attribute", ["php82", "php84"])
def test_php_runs_with_nothing_but_its_closure(nix: Nix, state: Path, attribute: str) -> None:
    package_set = DebianSet(directory=state / "debian")
    package_set.prepare(lambda _line: None, "php")
    (offer,) = (each for each in package_set.target().offers_for("php") if each.named == attribute)
    done = nix("nix-build", "--no-out-link", NIX / "debian", "-A", attribute)
    php = Path(done.stdout.strip())
    front = only_closure(php, {"HOME": "/tmp"})
    asked = subprocess.run(
        [*front, str(php / "bin/php"), "-r", ASK], capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    said = json.loads(asked.stdout)
    assert (said["version"], said["zone"], said["zones"]) == (offer.version, "CET", True)
    assert set(said["extensions"]) >= ALWAYS
    assert (said["cafile"], said["session"], said["children"]) == (True, True, "1")
