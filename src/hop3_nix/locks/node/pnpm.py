"""pnpm-lock.yaml, of pnpm 8 (lockfileVersion 6.0) and of pnpm 9 and later (9.0)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.node.base import (
    Tree,
    checked_name,
    checked_version,
    fetchable,
    local_directory,
    sorted_tree,
    strongest,
    unsupported_platform,
)
from hop3_nix.locks.node.isolated import Importer, Package, lay_out, reach
from hop3_nix.locks.node.pnpm_settings import read_settings
from hop3_nix.locks.node.workspaces import manifests, texts
from hop3_nix.locks.node.yamlfile import YamlFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.locks.base import Place
    from hop3_nix.locks.node.base import TargetNode
    from hop3_nix.source import Source

LOCK: Final = "pnpm install --lockfile-only"
REMEDY: Final = f"Lock again: {LOCK}"
VERSIONS: Final = ("6.0", "9.0")

_STORE: Final = ".pnpm"
_RUN: Final = ("dependencies", "optionalDependencies")
_DEV: Final = ("devDependencies",)


def read(source: Source, file: str, target: TargetNode) -> Tree:
    """Return the tree that pnpm would install for ``target``; raises LockError."""
    lock = YamlFile(source, file, REMEDY, objects=("importers", "packages", "snapshots"))
    version = str(lock.data.get("lockfileVersion"))
    if version not in VERSIONS:
        raise lock.entry("lockfileVersion", "").error(
            f"lockfileVersion {version}; read are {' and '.join(VERSIONS)}",
            tip=f"Write it again with pnpm 8 or newer: {LOCK}",
        )
    if patched := _table(lock.data, "patchedDependencies"):
        raise lock.entry("patchedDependencies", next(iter(patched))).error(
            f"{', '.join(patched)}: patches are not applied",
            tip="Have patch-package apply them, in the script postinstall.",
        )
    reader = _Reader(lock, target)
    importers = tuple(reader.importers())
    _check_current(source, lock)
    packages = reader.packages(importers)
    modules, links = lay_out(packages, importers, _STORE, read_settings(source).is_public)
    return sorted_tree(file, modules, links)


class _Reader:
    def __init__(self, lock: YamlFile, target: TargetNode) -> None:
        self._lock = lock
        self._target = target
        self._described = lock.tables("packages")
        # In 6.0 one entry says both what a package is and what it needs.
        self._split = "snapshots" in lock.data
        self._section = "snapshots" if self._split else "packages"
        self._snapshots = lock.tables(self._section)

    def importers(self) -> Iterator[Importer]:
        """Yield the app and its workspaces."""
        listed = self._lock.tables("importers") or {".": self._lock.data}
        for path, importer in listed.items():
            directory = "" if path == "." else path
            run, links = self._needs(importer, _RUN, directory)
            dev, dev_links = self._needs(importer, _DEV, directory)
            optional = frozenset(_table(importer, "optionalDependencies"))
            yield Importer(directory, run, dev, links, dev_links, optional)

    def packages(self, importers: tuple[Importer, ...]) -> dict[str, Package]:
        """Return what ``importers`` need and this platform can use, by key."""
        found = {key: self._package(key) for key in self._snapshots if self._fits(key)}
        roots = [key for each in importers for key in (*each.run.values(), *each.dev.values())]
        reached = reach(found, roots)
        for key in reached:
            for need in found[key].needs.values():
                self._require(need)
        for key in roots:
            self._require(key)
        return {key: self._checked(found[key]) for key in sorted(reached)}

    def _needs(
        self, importer: Mapping[str, Any], groups: tuple[str, ...], directory: str
    ) -> tuple[dict[str, str], dict[str, str]]:
        keys: dict[str, str] = {}
        links: dict[str, str] = {}
        for group in groups:
            for alias, said in _table(importer, group).items():
                version = str(said.get("version", "") if isinstance(said, dict) else said)
                place = self._lock.entry("importers", directory or ".")
                checked_name(alias, place)
                if version.startswith("link:"):
                    relative = version.removeprefix("link:")
                    links[alias] = local_directory(directory, relative, alias, place)
                else:
                    keys[alias] = self._key(alias, version)
        return keys, links

    def _key(self, alias: str, version: str) -> str:
        """Return the key of ``version``, which names the package itself if it has an alias."""
        return next(
            (
                key
                for key in (f"{alias}@{version}", f"/{alias}@{version}", version, f"/{version}")
                if key in self._snapshots
            ),
            f"{alias}@{version}",
        )

    def _entry(self, key: str) -> dict[str, Any]:
        described = self._described.get(key.partition("(")[0]) if self._split else None
        return described or self._described.get(key) or {}

    def _fits(self, key: str) -> bool:
        entry = self._entry(key)
        platform = (_texts(entry, field) for field in ("os", "cpu", "libc"))
        return self._target.accepts(*platform)

    def _require(self, key: str) -> None:
        """Raise LockError if ``key`` is not there, or not for this platform and not optional."""
        place = self._lock.entry(self._section, key)
        if key not in self._snapshots:
            raise place.error(f"{key} is needed, and has no entry", tip=REMEDY)
        if not self._fits(key) and not self._snapshots[key].get("optional"):
            raise unsupported_platform(key.lstrip("/"), self._target, place)

    def _package(self, key: str) -> Package:
        snapshot = self._snapshots[key] or {}
        needs = {
            alias: self._key(alias, str(version))
            for group in _RUN
            for alias, version in _table(snapshot, group).items()
        }
        entry = self._entry(key)
        name, version = _split(key)
        resolution = _table(entry, "resolution")
        local = resolution.get("directory")
        return Package(
            key=key.lstrip("/"),
            name=str(entry.get("name", name)),
            version=str(entry.get("version", version)),
            integrity=str(resolution.get("integrity", "")),
            url=str(resolution.get("tarball", "")),
            needs=needs,
            may_build=entry.get("requiresBuild", self._split) is True,
            optional=frozenset(_table(snapshot, "optionalDependencies")),
            directory=local if isinstance(local, str) else "",
        )

    def _checked(self, package: Package) -> Package:
        """Return ``package`` with its digest; raises LockError if it is no tarball with one."""
        place = self._place(package.key)
        name, who = package.name, f"{package.name} {package.version}"
        resolution = _table(
            self._entry(package.key) or self._entry(f"/{package.key}"), "resolution"
        )
        if resolution.get("type") == "git" or "repo" in resolution:
            fetchable("git:", who, place)
        checked_name(name, place)
        if package.directory:
            return replace(package, directory=local_directory("", package.directory, name, place))
        checked_version(package.version, who, place)
        return replace(
            package,
            integrity=strongest(package.integrity, who, place, remedy=_MEND),
            url=fetchable(package.url, who, place),
        )

    def _place(self, key: str) -> Place:
        base = key.partition("(")[0]
        for name in (base, f"/{key}", key):
            if name in self._described:
                return self._lock.entry("packages", name)
        return self._lock.entry("packages", "")


_MEND: Final = f"Depend on it from a registry, and lock again: {LOCK}"


def _check_current(source: Source, lock: YamlFile) -> None:
    """Raise LockError unless the lockfile was made from the package.json files that are there."""
    importers = lock.tables("importers") or {".": lock.data}
    overridden = {_overridden(key) for key in _table(lock.data, "overrides")}
    for directory, member in manifests(source).items():
        importer = importers.get(directory or ".")
        if not isinstance(importer, dict):
            if not directory or not any(texts(member.data, group) for group in (*_RUN, *_DEV)):
                continue
            raise member.text.containing('"name"').error(
                f"the workspace {directory} is not in {lock.file}", tip=REMEDY
            )
        locked = {
            name: said.get("specifier") if isinstance(said, dict) else None
            for group in (*_RUN, *_DEV)
            for name, said in _table(importer, group).items()
        } | _table(importer, "specifiers")
        for group in (*_RUN, *_DEV):
            for name, wanted in texts(member.data, group).items():
                there = locked.get(name)
                if there != wanted and name not in overridden:
                    what = f"has {there}" if there else "does not have it"
                    who = f"{directory} requires {name} {wanted}"
                    who = who if directory else f"{name} {wanted} is required"
                    raise member.text.containing(f'"{name}"').error(
                        f"{who} ({group}), and {lock.file} {what}", tip=REMEDY
                    )


def _overridden(key: str) -> str:
    """Return the name of the package that the key ``PARENT>NAME@RANGE`` of overrides is about."""
    name = re.split(r">(?=[@a-zA-Z])", key)[-1]
    at = name.find("@", 1)
    return name if at < 0 else name[:at]


def _split(key: str) -> tuple[str, str]:
    """Return name and version of the key of a package, or name and what it is instead."""
    plain = key.lstrip("/").partition("(")[0]
    at = plain.find("@", 1)
    return (plain, "") if at < 0 else (plain[:at], plain[at + 1 :])


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _texts(data: Mapping[str, Any], key: str) -> list[str]:
    value = data.get(key)
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]
