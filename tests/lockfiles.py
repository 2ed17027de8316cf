"""What uv has resolved, written as other tools write their lockfiles."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Locked:
    """A package as uv has locked it; the marker is that of all ways to it."""

    name: str
    version: str
    marker: str
    files: tuple[tuple[str, str], ...]
    """Name and digest of each."""
    dev: bool = False


def resolved(uv_lock: str, exported: str, *, dev: bool = False) -> list[Locked]:
    """Return the packages that ``uv export`` has named, with their files from uv.lock."""
    entries = {entry["name"]: entry for entry in tomllib.loads(uv_lock)["package"]}
    lines = (line for line in exported.splitlines() if line[:1] not in {"#", " ", ""})
    packages = []
    for requirement in map(Requirement, lines):
        entry = entries[requirement.name]
        files = [*entry.get("wheels", ()), entry["sdist"]]
        packages.append(
            Locked(
                name=entry["name"],
                version=entry["version"],
                marker=str(requirement.marker or ""),
                files=tuple((file["url"].rpartition("/")[2], file["hash"]) for file in files),
                dev=dev,
            )
        )
    return packages


def poetry_lock(packages: Iterable[Locked]) -> str:
    """Return a poetry.lock of format 2.1, which has the names of files but not where they are."""
    return "".join(
        f"[[package]]\nname = {_text(package.name)}\nversion = {_text(package.version)}\n"
        f'description = ""\noptional = false\npython-versions = "*"\n'
        f'groups = ["{"dev" if package.dev else "main"}"]\n'
        + (f"markers = {_text(package.marker)}\n" if package.marker else "")
        + _files(package)
        for package in packages
    ) + (
        '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.11"\n'
        f'content-hash = "{"0" * 64}"\n'
    )


def pdm_lock(packages: Iterable[Locked]) -> str:
    """Return a pdm.lock of format 4.5 without the strategy static_urls."""
    head = (
        '[metadata]\ngroups = ["default", "dev"]\nstrategy = ["inherit_metadata"]\n'
        f'lock_version = "4.5.0"\ncontent_hash = "sha256:{"0" * 64}"\n\n'
        '[[metadata.targets]]\nrequires_python = ">=3.11"\n\n'
    )
    return head + "".join(
        f"[[package]]\nname = {_text(package.name)}\nversion = {_text(package.version)}\n"
        f'summary = ""\ngroups = ["{"dev" if package.dev else "default"}"]\n'
        + (f"marker = {_text(package.marker)}\n" if package.marker else "")
        + _files(package)
        for package in packages
    )


def pipfile_lock(packages: Iterable[Locked], python: str) -> str:
    """Return a Pipfile.lock, which has neither addresses nor names of files."""
    categories: dict[str, dict[str, dict[str, object]]] = {"default": {}, "develop": {}}
    for package in packages:
        entry: dict[str, object] = {"hashes": sorted(digest for _, digest in package.files)}
        if package.marker:
            entry["markers"] = package.marker.replace('"', "'")
        entry["version"] = f"=={package.version}"
        categories["develop" if package.dev else "default"][package.name] = entry
    meta = {
        "hash": {"sha256": "0" * 64},
        "pipfile-spec": 6,
        "requires": {"python_version": python},
        "sources": [],
    }
    return json.dumps({"_meta": meta, **categories}, indent=4) + "\n"


def _files(package: Locked) -> str:
    files = (
        f"    {{file = {_text(name)}, hash = {_text(digest)}}},\n" for name, digest in package.files
    )
    return f"files = [\n{''.join(files)}]\n\n"


def _text(text: str) -> str:
    return json.dumps(text)
