# ruff: noqa: INP001 - a program that Nix runs by its path
"""``fill_cache.py SPEC DENO OUT``: make, of locked files, what Deno looks into before it fetches.

DENO is the program that what asks for node gets. SPEC is JSON: ``npm`` (name@version to tarball),
``jsr`` (path in the registry to file), ``remote``
(address to file) and ``redirects`` (address to address). The registries have addresses here that
nobody has, by which the application names them when it runs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

NPM: Final = "npm.invalid"
JSR: Final = "https://jsr.invalid/"

_TYPES: Final = {
    ".ts": "application/typescript",
    ".mts": "application/typescript",
    ".tsx": "text/tsx",
    ".jsx": "text/jsx",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".css": "text/css",
    ".txt": "text/plain",
}
_CACHES: Final = (
    *("dep_analysis_cache_v2", "node_analysis_cache_v2", "v8_code_cache_v2", "check_cache_v2"),
    *("fast_check_cache_v2", "deno_history.txt", "latest.txt"),
)
"""Databases, and files, that Deno does without where it cannot make them."""

_DESCRIBED: Final = (
    *("bin", "os", "cpu", "libc", "dependencies", "optionalDependencies", "peerDependencies"),
    *("peerDependenciesMeta", "bundleDependencies", "scripts", "hasInstallScript"),
)


def put(top: Path, url: str, content: bytes, headers: dict[str, str]) -> None:
    """Keep ``content`` where Deno looks for ``url``, with its headers behind it."""
    parts = urlsplit(url)
    host = (parts.hostname or "") + (f"_PORT{parts.port}" if parts.port else "")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    file = top / "remote" / parts.scheme / host / hashlib.sha256(path.encode()).hexdigest()
    file.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps({"headers": headers, "url": url, "time": 1}, separators=(",", ":"))
    file.write_bytes(content + b"\n// denoCacheMetadata=" + said.encode())


def type_of(url: str) -> str:
    """Return the type that Deno is to take a module for; without an ending it is JavaScript."""
    return _TYPES.get(Path(urlsplit(url).path).suffix, "application/javascript")


def put_packages(top: Path, tarballs: dict[str, str]) -> None:
    """Unpack each tarball, and write what the registry would say of its package."""
    described: dict[str, dict[str, Any]] = {}
    for key, tarball in sorted(tarballs.items()):
        at = key.index("@", 1)
        name, version = key[:at], key[at + 1 :]
        package = top / "npm" / NPM / name / version
        package.mkdir(parents=True)
        subprocess.run(
            [
                *("tar", "--extract", "--file", tarball, "--directory", str(package)),
                *("--strip-components=1", "--no-same-owner", "--no-same-permissions"),
                *("--warning=no-unknown-keyword", "--warning=no-timestamp"),
            ],
            check=True,
        )
        change = ("chmod", "-R", "a+rX,u+w")
        subprocess.run([*change, str(package)], check=True)
        digest = base64.b64encode(hashlib.sha512(Path(tarball).read_bytes()).digest()).decode()
        manifest = json.loads((package / "package.json").read_bytes())
        said = {field: manifest[field] for field in _DESCRIBED if field in manifest}
        url = f"http://{NPM}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        dist = {"tarball": url, "integrity": f"sha512-{digest}"}
        described.setdefault(name, {})[version] = {**said, "version": version, "dist": dist}
    for name, versions in described.items():
        registry = {
            "name": name,
            "dist-tags": {"latest": max(versions)},
            "versions": versions,
            "_deno.packumentFormat": "full",
        }
        file = top / "npm" / NPM / name / "registry.json"
        file.write_text(json.dumps(registry, sort_keys=True), encoding="utf-8")


def put_jsr(top: Path, files: dict[str, str]) -> None:
    """Keep each file of JSR, and write which versions of its package there are."""
    versions: dict[str, dict[str, Any]] = {}
    for path, file in sorted(files.items()):
        put(top, JSR + path, Path(file).read_bytes(), {"content-type": type_of(path)})
        scope, name, rest = path.split("/", 2)
        if "/" not in rest and rest.endswith("_meta.json"):
            versions.setdefault(f"{scope}/{name}", {})[rest.removesuffix("_meta.json")] = {}
    for package, there in versions.items():
        scope, name = package.removeprefix("@").split("/")
        said = {"scope": scope, "name": name, "latest": max(there), "versions": there}
        put(
            top,
            f"{JSR}{package}/meta.json",
            json.dumps(said).encode(),
            {"content-type": "application/json"},
        )


def keep_from_writing(top: Path, deno: str) -> None:
    """Put in the way what Deno would write here: root could, in a store that can be written."""
    for name in _CACHES:
        (top / name).mkdir()
    (top / "gen").touch()
    (top / "node_compat_bin").mkdir()
    (top / "node_compat_bin/node").symlink_to(deno)


def main(spec_file: str, deno: str, out: str) -> None:
    """Make the cache at ``out``."""
    spec: dict[str, Any] = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    top = Path(out)
    top.mkdir(parents=True)
    put_packages(top, spec["npm"])
    put_jsr(top, spec["jsr"])
    for url, file in spec["remote"].items():
        put(top, url, Path(file).read_bytes(), {"content-type": type_of(url)})
    for url, target in spec["redirects"].items():
        put(top, url, b"", {"location": target})
    keep_from_writing(top, deno)


if __name__ == "__main__":
    main(*sys.argv[1:])
