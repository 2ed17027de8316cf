"""A composer repository on loopback, of the packages that the set's own composer consists of."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import threading
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Package(NamedTuple):
    """A package, where Debian keeps its files, and what its composer.json says besides."""

    name: str
    version: str
    directory: str
    manifest: Mapping[str, Any]


def _psr4(prefix: str, **said: Any) -> dict[str, Any]:
    return {"type": "library", "autoload": {"psr-4": {prefix: ""}}, **said}


PACKAGES: Final = (
    Package("psr/log", "3.0.2", "Psr/Log", _psr4("Psr\\Log\\")),
    Package("psr/container", "1.1.2", "Psr/Container", _psr4("Psr\\Container\\")),
    Package(
        "symfony/process",
        "6.4.20",
        "Symfony/Component/Process",
        _psr4("Symfony\\Component\\Process\\", require={"php": ">=8.1"}),
    ),
    Package(
        "symfony/finder",
        "6.4.20",
        "Symfony/Component/Finder",
        _psr4("Symfony\\Component\\Finder\\", require={"php": ">=8.1", "ext-ctype": "*"}),
    ),
)

PLUGIN: Final = """<?php
namespace Example;

use Composer\\Composer;
use Composer\\IO\\IOInterface;

final class Plugin implements \\Composer\\Plugin\\PluginInterface, \\Composer\\EventDispatcher\\EventSubscriberInterface
{
    public function activate(Composer $composer, IOInterface $io): void {}
    public function deactivate(Composer $composer, IOInterface $io): void {}
    public function uninstall(Composer $composer, IOInterface $io): void {}
    public static function getSubscribedEvents(): array { return ['post-autoload-dump' => 'write']; }
    public function write(): void { file_put_contents('vendor/by-plugin.txt', "a plugin\\n"); }
}
"""  # noqa: E501 - a line of PHP

OWN: Final = (
    (
        "example/plugin",
        {
            "type": "composer-plugin",
            "require": {"composer-plugin-api": "^2.0"},
            "autoload": {"psr-4": {"Example\\": ""}},
            "extra": {"class": "Example\\Plugin"},
        },
        {"Plugin.php": PLUGIN},
    ),
    (
        "example/tool",
        {"type": "library", "bin": ["tool"]},
        {"tool": "#!/usr/bin/env php\n<?php echo 'a tool', PHP_EOL;\n"},
    ),
)
"""Packages of ours: a plugin, and a program."""


def make_repository(libraries: Path, directory: Path, address: str) -> None:
    """Write packages.json and the archives to ``directory``, which is served at ``address``.

    ``libraries`` is where the set has the files. Every second package has no SHA-1, as those of
    GitHub have none.
    """
    described: dict[str, dict[str, Any]] = {}

    def add(
        name: str, version: str, manifest: Mapping[str, Any], files: Mapping[str, bytes]
    ) -> None:
        reference = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
        archive = _archive(name, {**manifest, "name": name}, files)
        filename = f"{name.replace('/', '-')}.zip"
        (directory / filename).write_bytes(archive)
        shasum = hashlib.sha1(archive, usedforsecurity=False).hexdigest()
        dist = {
            "type": "zip",
            "url": f"{address}/{filename}",
            "reference": reference,
            "shasum": "" if len(described) % 2 else shasum,
        }
        described[name] = {version: {**manifest, "name": name, "version": version, "dist": dist}}

    for package in PACKAGES:
        tree = libraries / package.directory
        files = {
            path.relative_to(tree).as_posix(): path.read_bytes()
            for path in sorted(tree.rglob("*.php"))
            if path.name != "autoload.php"
        }
        assert files
        add(package.name, package.version, package.manifest, files)
    for name, manifest, texts in OWN:
        add(name, "1.0.0", manifest, {file: text.encode() for file, text in texts.items()})
    (directory / "packages.json").write_text(json.dumps({"packages": described}))


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve ``directory`` on loopback, and yield its address."""
    handler = functools.partial(_Quiet, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def _archive(name: str, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    top = name.replace("/", "-")
    texts = {**files, "composer.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(content, "w") as archive:
        for file, text in texts.items():
            entry = zipfile.ZipInfo(f"{top}/{file}", (2024, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if text.startswith(b"#!") else 0o100644) << 16
            archive.writestr(entry, text)
    return content.getvalue()
