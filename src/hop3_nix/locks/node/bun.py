"""bun.lock, of Bun 1.2 and later (lockfileVersion 0 to 2).

The keys of its packages are places in node_modules: ``send/ms`` is the ``ms`` inside of ``send``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.base import Place
from hop3_nix.locks.jsonc import plain_json
from hop3_nix.locks.node.base import (
    Link,
    Module,
    Tree,
    checked_name,
    checked_version,
    fetchable,
    local_directory,
    sorted_tree,
    strongest,
)
from hop3_nix.locks.node.bun_current import DEV, LOCK, REMEDY, RUN, check_current, table
from hop3_nix.locks.node.workspaces import texts
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hop3_nix.locks.node.base import TargetNode
    from hop3_nix.source import Source

VERSIONS: Final = (0, 1, 2)

_MARKED: Final = 2
"""The first version that says which packages have an install script."""

_SEGMENT: Final = re.compile(r"@[^/]+/[^/]+|[^/]+")
_LOCAL: Final = ("file:", "link:")


@dataclass(frozen=True)
class _Entry:
    """A package of the lockfile; ``at`` is the directory that its key stands for."""

    key: str
    at: str
    name: str
    spec: str
    data: list[Any]
    place: Place

    @property
    def described(self) -> dict[str, Any]:
        """Return what it needs, and where it runs."""
        return next((part for part in self.data[1:] if isinstance(part, dict)), {})

    @property
    def directory(self) -> str | None:
        """Return the directory of the app that it is, as the lockfile has it; else None."""
        return next(
            (
                self.spec.removeprefix(kind)
                for kind in ("workspace:", *_LOCAL)
                if self.spec.startswith(kind)
            ),
            None,
        )


def read(source: Source, file: str, target: TargetNode) -> Tree:
    """Return the tree that Bun would install for ``target``, hoisted; raises LockError."""
    text = LockText.of(source, file)
    data = LockText(file, plain_json(text.text)).json(REMEDY)
    version = data.get("lockfileVersion")
    if version not in VERSIONS:
        raise text.containing('"lockfileVersion"').error(
            f"lockfileVersion {version}; read are {', '.join(map(str, VERSIONS))}",
            tip="Use a newer hop3-nix, or lock again with an older Bun.",
        )
    if patched := table(data, "patchedDependencies"):
        raise text.containing('"patchedDependencies"').error(
            f"{', '.join(patched)}: patches are not applied",
            tip="Have patch-package apply them, in the script postinstall.",
        )
    workspaces = table(data, "workspaces")
    check_current(source, data, workspaces, file)
    entries = dict(_entries(table(data, "packages"), text))
    reader = _Reader(entries, workspaces, target, text.containing('"workspaces"'))
    run, every, required = reader.reached()
    modules: list[Module] = []
    links: list[Link] = []
    for key in sorted(every):
        entry, dev = entries[key], key not in run
        if entry.directory is not None:
            where = local_directory("", entry.directory, entry.name, entry.place)
            links.append(Link(entry.at, where, dev))
        else:
            module = _module(entry, dev=dev, optional=key not in required, version=version)
            modules.append(module)
    return sorted_tree(file, modules, links)


def _entries(packages: Mapping[str, Any], text: LockText) -> Iterator[tuple[str, _Entry]]:
    lines: dict[str, int] = {}
    for number, line in enumerate(text.text.splitlines(), 1):
        if found := re.match(r'\s*"([^"]+)": \[', line):
            lines.setdefault(found[1], number)
    homes: dict[str, str] = {}
    for key in sorted(packages, key=lambda key: len(_SEGMENT.findall(key))):
        place, data = Place(text.file, lines.get(key)), packages[key]
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise place.error(f"the entry {key} is no package", tip=REMEDY)
        *above, alias = _SEGMENT.findall(key) or [""]
        checked_name(alias, place)
        at = data[0].find("@", 1)
        name, spec = (data[0], "") if at < 0 else (data[0][:at], data[0][at + 1 :])
        parent = "/".join(above)
        if above and parent not in homes:
            raise place.error(f"{key} is inside of {parent}, which has no entry", tip=REMEDY)
        front = f"{homes[parent]}/" if above else ""
        entry = _Entry(key, f"{front}node_modules/{alias}", name, spec, data, place)
        homes[key] = entry.at
        if entry.directory is not None:
            # Node looks for what a linked package requires from where it really is.
            homes[key] = local_directory("", entry.directory, name, place)
        yield key, entry


class _Reader:
    """What the app and its workspaces need, and what that needs, as far as it is for here."""

    def __init__(
        self,
        entries: Mapping[str, _Entry],
        workspaces: Mapping[str, Any],
        target: TargetNode,
        top: Place,
    ) -> None:
        self._target = target
        self._top = top
        self._locked = entries
        self._entries = {key: entry for key, entry in entries.items() if self._fits(entry)}
        self._workspaces = workspaces

    def reached(self) -> tuple[set[str], set[str], set[str]]:
        """Return what is needed at run time, what is needed at all, and what has to be there."""
        run = set(self._roots(RUN))
        every = run | set(self._roots(DEV))
        required = {*self._roots((*RUN[:1], *DEV))}
        return (
            self._closure(run, RUN),
            self._closure(every, RUN),
            self._closure(required, ("dependencies",)),
        )

    def _roots(self, groups: tuple[str, ...]) -> Iterator[str]:
        for said in self._workspaces.values():
            if not isinstance(said, dict):
                continue
            yield from self._needs(str(said.get("name", "")), said, groups)
        if "dependencies" in groups:
            # Workspaces are there whether something requires them or not.
            for key, entry in self._entries.items():
                if entry.spec.startswith("workspace:"):
                    yield key

    def _closure(self, roots: Iterable[str], groups: tuple[str, ...]) -> set[str]:
        pending, found = list(roots), set[str]()
        while pending:
            key = pending.pop()
            if key not in found:
                found.add(key)
                pending += self._needs(key, self._entries[key].described, groups)
        return found

    def _needs(self, key: str, said: Mapping[str, Any], groups: tuple[str, ...]) -> Iterator[str]:
        for group in groups:
            for name in texts(said, group):
                if found := self._resolved(self._entries, key, name):
                    yield found
                elif group == "dependencies" and not self._resolved(self._locked, key, name):
                    place = self._locked[key].place if key in self._locked else self._top
                    raise place.error(f"{name} is needed, and has no entry", tip=REMEDY)

    @staticmethod
    def _resolved(entries: Mapping[str, _Entry], key: str, name: str) -> str:
        """Return the key of what ``name`` means to the package at ``key``, empty if none is."""
        above = _SEGMENT.findall(key)
        while True:
            candidate = "/".join((*above, name))
            if candidate in entries:
                return candidate
            if not above:
                return ""
            above.pop()

    def _fits(self, entry: _Entry) -> bool:
        fields = (_listed(entry.described.get(field)) for field in ("os", "cpu", "libc"))
        return self._target.accepts(*fields)


def _module(entry: _Entry, *, dev: bool, optional: bool, version: int) -> Module:
    who = f"{entry.name} {entry.spec}"
    texts_behind = [part for part in entry.data[1:] if isinstance(part, str)]
    if entry.spec.startswith(("git", "github:", "bitbucket:", "gitlab:")):
        fetchable("git:", who, entry.place)
    name = checked_name(entry.name, entry.place)
    is_address = "://" in entry.spec
    integrity = next((part for part in texts_behind if re.match(r"sha\d+-", part)), "")
    url = fetchable(
        entry.spec if is_address else texts_behind[0] if texts_behind else "", who, entry.place
    )
    marked = version >= _MARKED
    return Module(
        path=entry.at,
        name=name,
        version="0.0.0" if is_address else checked_version(entry.spec, who, entry.place),
        integrity=strongest(integrity, who, entry.place, remedy=_MEND),
        url="" if url == integrity else url,
        dev=dev,
        may_build=marked and entry.described.get("hasInstallScript") is True,
        optional=optional,
    )


_MEND: Final = f"Depend on it from a registry, and lock again: {LOCK}"


def _listed(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]
