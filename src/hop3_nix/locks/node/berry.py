"""yarn.lock, of Yarn 2 and later; hop3-nix.lock has the digests that it lacks."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.node.base import (
    Tree,
    checked_name,
    checked_version,
    sorted_tree,
    strongest,
    unsupported_platform,
)
from hop3_nix.locks.node.integrities import read_integrities
from hop3_nix.locks.node.isolated import Package, lay_out
from hop3_nix.locks.node.resolutions import read_resolutions
from hop3_nix.locks.node.workspaces import importers, local_package, texts
from hop3_nix.locks.node.yamlfile import YamlFile
from hop3_nix.locks.node.yarn import REMEDY, STORE
from hop3_nix.locks.own import TIP

if TYPE_CHECKING:
    from hop3_nix.locks.base import Place
    from hop3_nix.locks.node.base import TargetNode
    from hop3_nix.locks.node.workspaces import Wanted
    from hop3_nix.source import Source

_HEADER: Final = "__metadata"
_RESOLUTION: Final = re.compile(r"((?:@[^/@]+/)?[^@]+)@npm:([^:#]+)")


def is_berry(source: Source, file: str) -> bool:
    """Return whether ``file`` was written by Yarn 2 or later."""
    return f"\n{_HEADER}:" in source.read_text(file)


def read(source: Source, file: str, target: TargetNode) -> Tree:
    """Return a tree of what Yarn would install for ``target``; raises LockError."""
    lock = _open(source, file)
    reader = _Reader(source, lock, target, read_integrities(source, file))
    known = tuple(importers(source, reader.root))
    modules, links = lay_out(reader.packages, known, STORE, lambda _: True)
    return sorted_tree(file, modules, links)


def pinned(source: Source, file: str) -> tuple[str, ...]:
    """Return name@version of every package of ``file`` that a registry has, sorted."""
    found = (
        _RESOLUTION.fullmatch(str(entry.get("resolution")))
        for entry in _open(source, file).data.values()
        if isinstance(entry, dict)
    )
    return tuple(sorted({f"{match[1]}@{match[2]}" for match in found if match}))


def _open(source: Source, file: str) -> YamlFile:
    # A range such as 2 is no number.
    return YamlFile(source, file, REMEDY, untyped=True)


class _Reader:
    def __init__(
        self, source: Source, lock: YamlFile, target: TargetNode, integrities: dict[str, str]
    ) -> None:
        self.packages: dict[str, Package] = {}
        self._source = source
        self._resolutions = read_resolutions(source)
        self._lock = lock
        self._target = target
        self._integrities = integrities
        self._entries: dict[str, tuple[str, dict[str, Any]]] = {
            pattern: (key, entry)
            for key, entry in lock.data.items()
            if key != _HEADER and isinstance(entry, dict)
            for pattern in key.split(", ")
        }

    def root(self, wanted: Wanted) -> str | None:
        """Return the key of what a package.json needs, None if it is not for this platform."""
        range_ = self._resolutions.range(wanted.name, wanted.range)
        if package := local_package(self._source, replace(wanted, range=range_), self.root):
            self.packages[package.key] = package
            return package.key
        if self._find(wanted.name, range_) is None:
            raise wanted.text.containing(f'"{wanted.name}"').error(
                f"{wanted.name} {wanted.range} is required ({wanted.group}), and "
                f"{self._lock.file} does not have it",
                tip=REMEDY,
            )
        place = self._lock.entry(_HEADER, "")
        return self._add(wanted.name, range_, place, optional=wanted.optional)

    def _find(self, name: str, range_: str) -> tuple[str, dict[str, Any]] | None:
        return self._entries.get(f"{name}@{range_}") or self._entries.get(f"{name}@npm:{range_}")

    def _add(self, name: str, range_: str, place: Place, *, optional: bool) -> str | None:
        """Add the package and what it needs; return its key."""
        found = self._find(name, range_)
        if found is None:
            raise place.error(f"{name}@{range_} is needed, and has no entry", tip=REMEDY)
        header, entry = found
        place = self._lock.entry(header, "")
        resolution = str(entry.get("resolution"))
        match = _RESOLUTION.fullmatch(resolution)
        if match is None:
            raise place.error(
                f"{name} comes from {resolution}, and not from a registry",
                tip="Publish it to a registry, or make it a workspace.",
            )
        key = f"{match[1]}@{match[2]}"
        if not self._fits(entry):
            if optional:
                return None
            raise unsupported_platform(key, self._target, place)
        if key not in self.packages:
            needs: dict[str, str] = {}
            self.packages[key] = self._package(key, match, place, needs)
            said = entry.get("dependenciesMeta")
            meta = said if isinstance(said, dict) else {}
            optional_needs = {alias for alias, said in meta.items() if _is_optional(said)}
            for alias, spec in texts(entry, "dependencies").items():
                range_ = self._resolutions.range(alias, spec, parent=match[1], version=match[2])
                if need := self._add(alias, range_, place, optional=alias in optional_needs):
                    needs[alias] = need
            package = self.packages[key]
            self.packages[key] = replace(package, optional=frozenset(optional_needs))
        return key

    def _package(
        self, key: str, match: re.Match[str], place: Place, needs: dict[str, str]
    ) -> Package:
        return Package(
            key=key,
            name=checked_name(match[1], place),
            version=checked_version(match[2], match[1], place),
            integrity=strongest(self._integrities.get(key, ""), key, place, remedy=TIP),
            url="",
            needs=needs,
        )

    def _fits(self, entry: dict[str, Any]) -> bool:
        conditions = str(entry.get("conditions", ""))
        said = (re.findall(rf"{field}=([\w!-]+)", conditions) for field in ("os", "cpu", "libc"))
        return self._target.accepts(*said)


def _is_optional(said: object) -> bool:
    # Every value is text here.
    return isinstance(said, dict) and said.get("optional") == "true"
