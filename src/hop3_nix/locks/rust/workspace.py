"""The packages of an application: those that cargo builds, and those that these depend on."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from hop3_nix.locks.base import Place
from hop3_nix.locks.rust.manifest import MANIFEST, read_manifest, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from hop3_nix.locks.rust.manifest import Manifest
    from hop3_nix.source import Source


@dataclass(frozen=True)
class Workspace:
    """The manifest at the top, and those of all packages that are in the tree."""

    top: Manifest
    packages: tuple[Manifest, ...]
    """With those that others depend on by a path."""
    built: tuple[Manifest, ...]
    """Those that cargo builds if it is not told which."""

    @property
    def manifests(self) -> tuple[str, ...]:
        """Return the files, the top's first."""
        return tuple(dict.fromkeys((self.top.file, *(each.file for each in self.packages))))

    @property
    def programs(self) -> tuple[tuple[str, Manifest], ...]:
        """Return the programs that are built, each with its package."""
        return tuple((name, each) for each in self.built for name in each.programs())


def read_workspace(source: Source) -> Workspace:
    """Return the packages of the application. Raises LockError."""
    if not source.has(MANIFEST):
        raise Place(MANIFEST).error(
            "there is none, and cargo has to know what the application is called and needs",
            tip="Write it and commit it: cargo init --name NAME",
        )
    top = read_manifest(source, MANIFEST)
    said = table(top.data, "workspace")
    members = [top] if top.package else []
    members += [
        read_manifest(source, file, said)
        for file in _matching(source, said.get("members"), said.get("exclude"))
        if file != MANIFEST
    ]
    packages = tuple(_with_paths(source, members, said))
    usual = said.get("default-members")
    if isinstance(usual, list):
        files = set(_matching(source, usual, None))
        built = tuple(each for each in packages if each.file in files)
    else:
        built = (top,) if top.package else tuple(members)
    return Workspace(top, packages, built)


def _matching(source: Source, patterns: object, without: object) -> Iterator[str]:
    """Yield the manifests in the directories that ``patterns`` of a workspace name."""
    wanted, excluded = (
        [posixpath.normpath(each) for each in listed] if isinstance(listed, list) else []
        for listed in (patterns, without)
    )
    for file in source.files:
        directory, _, name = file.rpartition("/")
        if name != MANIFEST:
            continue
        here = directory or "."
        if any(f"{here}/".startswith(f"{each}/") for each in excluded):
            continue
        if any(_is_matched(here, pattern) for pattern in wanted):
            yield file


def _is_matched(directory: str, pattern: str) -> bool:
    parts, wanted = directory.split("/"), pattern.split("/")
    if "**" in wanted:
        return fnmatchcase(directory, pattern)
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _with_paths(
    source: Source, members: Iterable[Manifest], said: Mapping[str, Any]
) -> Iterator[Manifest]:
    """Yield ``members``, and all that they depend on by a path or put in place of a crate."""
    seen: set[str] = set()
    ahead = list(members)
    while ahead:
        manifest = ahead.pop(0)
        if manifest.file in seen:
            continue
        seen.add(manifest.file)
        yield manifest
        for path, base, place in _paths(manifest):
            ahead.append(read_manifest(source, _manifest_at(source, path, base, place), said))


def _paths(manifest: Manifest) -> Iterator[tuple[str, str, Place]]:
    """Yield the paths of dependencies, what each is relative to, and where it stands."""
    for _, said, key in manifest.dependencies:
        if isinstance(path := said.get("path"), str):
            # What a workspace says is relative to it, and that is the top.
            own = any(said is each for each in table(manifest.inherited, "dependencies").values())
            yield path, "" if own else manifest.directory, manifest.place(*key)
    for registry, patches in table(manifest.data, "patch").items():
        for name, said in patches.items() if isinstance(patches, dict) else ():
            if isinstance(said, dict) and isinstance(path := said.get("path"), str):
                yield path, manifest.directory, manifest.place("patch", registry, name)


def _manifest_at(source: Source, path: str, base: str, place: Place) -> str:
    inside = posixpath.normpath(posixpath.join(base, path))
    if inside == ".." or inside.startswith(("../", "/")):
        raise place.error(
            f"{path} is outside of the application",
            tip="Keep that directory in the application, or build from the directory above both.",
        )
    file = posixpath.normpath(f"{inside}/{MANIFEST}")
    if not source.has(file):
        raise place.error(f"there is no {file}", tip="Commit that directory as well.")
    return file
