"""What deno.lock pins, as files and where each goes in Deno's cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.deno.lock import DenoLock, read
from hop3_nix.locks.deno.manifests import read_manifests
from hop3_nix.locks.node.base import TargetNode
from hop3_nix.plan import LockedFile, UnlocatedFile
from hop3_nix.toolchains.deno.project import MANIFEST, read_project, remote_import
from hop3_nix.toolchains.language import Arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import Dependency, Target
    from hop3_nix.source import Source

JSR: Final = "jsr/"
"""What the names of files of JSR begin with; the rest is their path in the registry."""


class DepsArguments(Arguments):
    """What only Deno says to mkDeps: the name of each file, by what Deno asks for."""

    npm: dict[str, str] = Field(default={}, description="By name@version.")
    jsr: dict[str, str] = Field(default={}, description="By path in the registry.")
    remote: dict[str, str] = Field(default={}, description="By address.")
    redirects: dict[str, str] = Field(default={}, description="Address to address.")


def read_lock(source: Source, target: Target) -> DenoLock:
    """Return what the lockfile pins. Raises LockError if there is none, and something to pin."""
    project = read_project(source)
    if project.lock and source.has(project.lock):
        return read(source, project.lock, TargetNode(target.system))
    file, line = remote_import(source, project)
    if not file and source.has(MANIFEST) and "ependencies" in source.read_text(MANIFEST):
        file, line = MANIFEST, None
    if file:
        raise Place(file, line).error(
            f"it requires what has to be fetched, and no {project.lock or 'lockfile'} pins it",
            tip='Write one and commit it: deno install (deno.json must not have "lock": false)',
        )
    return DenoLock()


def decide_files(source: Source, lock: DenoLock) -> tuple[tuple[Dependency, ...], DepsArguments]:
    """Return the files of ``lock``, and where each goes. Raises LockError."""
    lockfile = read_project(source).lock
    files: dict[str, Dependency] = {}
    npm, jsr, remote = {}, {}, {}
    for each in lock.npm:
        name = f"{each.name.removeprefix('@').replace('/', '-')}-{each.version}.tgz"
        if name in files:
            name = f"{each.name.replace('/', '--')}-{each.version}.tgz"
        npm[f"{each.name}@{each.version}"] = name
        common = {"name": each.name, "version": each.version, "filename": name}
        files[name] = (
            LockedFile(**common, url=each.url, integrity=each.integrity)
            if each.url
            else UnlocatedFile(**common, integrity=each.integrity)
        )
    for file in _of_jsr(source, lockfile, lock):
        jsr[file.filename.removeprefix(JSR)] = file.filename
        files[file.filename] = file
    for number, (url, digest) in enumerate(sorted(lock.remote.items())):
        name = f"module-{number}"
        remote[url] = name
        files[name] = LockedFile(name=url, version="", filename=name, url=url, sha256=digest)
    arguments = DepsArguments(npm=npm, jsr=jsr, remote=remote, redirects=dict(lock.redirects))
    return tuple(files[name] for name in sorted(files)), arguments


def _of_jsr(source: Source, lockfile: str, lock: DenoLock) -> Iterator[UnlocatedFile]:
    manifests = read_manifests(source, lockfile, lock.jsr)
    for (name, version), digest in sorted(lock.jsr.items()):
        common = {"name": name, "version": version}
        path = f"{JSR}{name}/{version}"
        yield UnlocatedFile(**common, filename=f"{path}_meta.json", sha256=(digest,))
        for below, sha256 in sorted(manifests[f"{name}@{version}"].items()):
            yield UnlocatedFile(**common, filename=f"{path}{below}", sha256=(sha256,))
