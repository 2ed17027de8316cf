"""yarn.lock, of Yarn 1; that of later ones is in berry.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.locks.base import Place
from hop3_nix.locks.node.base import (
    Tree,
    best_digest,
    checked_name,
    checked_version,
    fetchable,
    sha1_of,
    sorted_tree,
    strongest,
)
from hop3_nix.locks.node.integrities import Weak, known_digests
from hop3_nix.locks.node.isolated import Package, lay_out
from hop3_nix.locks.node.workspaces import importers, local_package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.locks.node.base import TargetNode
    from hop3_nix.locks.node.workspaces import Wanted
    from hop3_nix.source import Source

LOCK: Final = "yarn install"
REMEDY: Final = f"Lock again: {LOCK}"

STORE: Final = ".store"
_MEND: Final = f"Delete its entry, and lock again with Yarn 1.10 or newer: {LOCK}"
_HEADER: Final = re.compile(r"\S.*:$")
_PATTERN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s,"]+)')
_GROUP: Final = re.compile(r"  (dependencies|optionalDependencies):$")


@dataclass
class _Entry:
    place: Place
    patterns: tuple[str, ...]
    fields: dict[str, str] = field(default_factory=dict)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)


def read(source: Source, file: str, target: TargetNode) -> Tree:
    """Return a tree of what Yarn would install for ``target``; raises LockError."""
    text = source.read_text(file)
    entries = tuple(_entries(text, file))
    by_pattern = {pattern: entry for entry in entries for pattern in entry.patterns}
    known = known_digests(source, _weak(entries), _MEND)
    reader = _Reader(source, by_pattern, target, _Digests(file, known))
    own = tuple(importers(source, reader.root))
    modules, links = lay_out(reader.packages, own, STORE, lambda _: True)
    return sorted_tree(file, modules, links)


def weak_pins(source: Source, file: str) -> tuple[Weak, ...]:
    """Return the packages of ``file`` that have only a SHA-1, or no digest at all."""
    return _weak(tuple(_entries(source.read_text(file), file)))


def _weak(entries: tuple[_Entry, ...]) -> tuple[Weak, ...]:
    found: dict[str, Weak] = {}
    for entry in entries:
        integrity, url = entry.fields.get("integrity", ""), entry.fields.get("resolved", "")
        if best_digest(integrity) or not url.startswith("http"):
            continue
        pattern = entry.patterns[0]
        name = _real_name(pattern, pattern[: pattern.index("@", 1)] if "@" in pattern[1:] else "")
        version = entry.fields.get("version", "")
        who = f"{name} {version}"
        address = fetchable(url, who, entry.place)
        weak = Weak(name, version, address, sha1_of(integrity, url), entry.place)
        if weak.sha1 or not integrity:
            found.setdefault(weak.pin, weak)
    return tuple(found.values())


def _entries(text: str, file: str) -> Iterator[_Entry]:
    """Yield the entries; the format is Yarn's own, of lines and indentation."""
    entry: _Entry | None = None
    group: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        place = Place(file, number)
        words = [first or second for first, second in _PATTERN.findall(line.rstrip(":"))]
        if not words or line.startswith("#"):
            continue
        if _HEADER.fullmatch(line):
            entry, group = _Entry(place, tuple(words)), {}
            yield entry
        elif entry is None or not line.startswith("  "):
            raise place.error("not the text of a yarn.lock", tip=REMEDY)
        elif found := _GROUP.fullmatch(line):
            group = entry.groups.setdefault(found[1], {})
        elif len(words) == 2:  # noqa: PLR2004 - a name and its value
            (group if line.startswith("    ") else entry.fields)[words[0]] = words[1]


class _Digests(NamedTuple):
    """The lockfile's name, and what hop3-nix.lock has for it."""

    file: str
    known: Mapping[str, str]


class _Reader:
    def __init__(
        self,
        source: Source,
        entries: dict[str, _Entry],
        target: TargetNode,
        digests: _Digests,
    ) -> None:
        self._source = source
        self._entries = entries
        self._file, self._known = digests
        self.packages: dict[str, Package] = {}
        self._target = target

    def root(self, wanted: Wanted) -> str | None:
        """Return the key of what a package.json needs, None if it is not for this platform."""
        if package := local_package(self._source, wanted, self._of_local):
            self.packages[package.key] = package
            return package.key
        if f"{wanted.name}@{wanted.range}" not in self._entries:
            raise wanted.text.containing(f'"{wanted.name}"').error(
                f"{wanted.name} {wanted.range} is required ({wanted.group}), and {self._file} "
                "does not have it",
                tip=REMEDY,
            )
        return self._add(wanted.name, wanted.range, Place(self._file), optional=wanted.optional)

    def _of_local(self, wanted: Wanted) -> str | None:
        """Return the key of what a linked directory needs; Yarn 1 installs what it has locked."""
        pattern = f"{wanted.name}@{wanted.range}"
        return self.root(wanted) if pattern in self._entries else None

    def _add(self, name: str, wanted: str, place: Place, *, optional: bool) -> str | None:
        """Add the package and what it needs; return its key."""
        entry = self._entries.get(f"{name}@{wanted}")
        if entry is None:
            raise place.error(f"{name}@{wanted} is needed, and has no entry", tip=REMEDY)
        real = _real_name(entry.patterns[0], name)
        if optional and not self._target.suits(real):
            return None
        version = entry.fields.get("version", "")
        key = f"{real}@{version}"
        if key in self.packages:
            return key
        needs: dict[str, str] = {}
        optional_needs = entry.groups.get("optionalDependencies", {})
        package = self._package(key, real, version, entry, needs)
        self.packages[key] = replace(package, optional=frozenset(optional_needs))
        for alias, spec in {**entry.groups.get("dependencies", {}), **optional_needs}.items():
            found = self._add(alias, spec, entry.place, optional=alias in optional_needs)
            if found:
                needs[alias] = found
        return key

    def _package(
        self, key: str, name: str, version: str, entry: _Entry, needs: dict[str, str]
    ) -> Package:
        who, said = f"{name} {version}", entry.fields.get("integrity", "")
        return Package(
            key=key,
            name=checked_name(name, entry.place),
            version=checked_version(version, who, entry.place),
            url=fetchable(entry.fields.get("resolved", ""), who, entry.place),
            integrity=strongest(
                best_digest(said) or self._known.get(f"{name}@{version}", said),
                who,
                entry.place,
                remedy=_MEND,
            ),
            needs=needs,
        )


def _real_name(pattern: str, alias: str) -> str:
    """Return the name of the package behind ``alias@npm:name@range``."""
    spec = pattern.removeprefix(f"{alias}@")
    if not spec.startswith("npm:"):
        return alias
    name = spec.removeprefix("npm:")
    at = name.find("@", 1)
    return name if at < 0 else name[:at]
