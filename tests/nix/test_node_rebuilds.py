"""A changed lockfile of Node fetches what it changes and nothing else, as its server sees it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import tarfile
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from index import Index, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Cli


class Tarball(NamedTuple):
    """A package that a registry has."""

    name: str
    version: str
    url: str
    integrity: str

    @property
    def path(self) -> str:
        return f"/{self.name}-{self.version}.tgz"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Index]:
    directory = tmp_path / "registry"
    directory.mkdir()
    with serving(directory) as index:
        yield index


def publish(registry: Index, name: str, version: str) -> Tarball:
    """Return a package of one module, which the registry has from now on."""
    manifest = json.dumps({"name": name, "version": version, "main": "index.js"})
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for file, text in (("package.json", manifest), ("index.js", f"exports.v = '{version}';")):
            member = tarfile.TarInfo(f"package/{file}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    (registry.directory / f"{name}-{version}.tgz").write_bytes(packed.getvalue())
    digest = base64.b64encode(hashlib.sha512(packed.getvalue()).digest()).decode()
    return Tarball(name, version, f"{registry.url}/{name}-{version}.tgz", f"sha512-{digest}")


def lock(tree: Path, *tarballs: Tarball) -> None:
    """Write package.json and package-lock.json for ``tarballs``."""
    wanted = {each.name: each.version for each in tarballs}
    manifest = {"name": "lone-node", "version": "1.0.0", "main": "index.js"}
    entries = {
        f"node_modules/{each.name}": {
            "version": each.version,
            "resolved": each.url,
            "integrity": each.integrity,
        }
        for each in tarballs
    }
    root = {"name": "lone-node", "version": "1.0.0", "dependencies": wanted}
    packages = {"": root, **entries}
    (tree / "package.json").write_text(json.dumps({**manifest, "dependencies": wanted}))
    (tree / "package-lock.json").write_text(
        json.dumps({"lockfileVersion": 3, "packages": packages})
    )


def test_a_changed_entry_fetches_one_tarball(cli: Cli, registry: Index, tmp_path: Path) -> None:
    version = f"1.0.{time.time_ns()}"
    names = [f"lone-{number}" for number in range(12)]
    first = [publish(registry, name, version) for name in names]
    newer = publish(registry, names[5], f"{version}1")
    tree = tmp_path / "lone-node"
    tree.mkdir()
    (tree / "index.js").write_text(f"console.log(require('{names[5]}').v)\n")

    def build(*tarballs: Tarball) -> str:
        registry.asked.clear()
        lock(tree, *tarballs)
        built = cli("build", tree, "--builder", "nix", "--pkgs", "debian")
        return subprocess.check_output([f"{built.stdout.strip()}/bin/web"], text=True).strip()

    assert build(*first) == version
    assert sorted(registry.asked) == sorted(each.path for each in first)
    assert build(*first[:5], newer, *first[6:]) == newer.version
    assert registry.asked == [newer.path]
    assert build(*first) == version
    assert registry.asked == []
