"""package-lock.json and npm-shrinkwrap.json, of npm 7 and later (lockfileVersion 2 and 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.node.base import (
    Link,
    Module,
    Tree,
    best_digest,
    checked_name,
    checked_path,
    checked_version,
    fetchable,
    sha1_of,
    sorted_tree,
    strongest,
    unsupported_platform,
)
from hop3_nix.locks.node.integrities import Weak, known_digests
from hop3_nix.locks.node.ranges import satisfies
from hop3_nix.locks.node.workspaces import MANIFEST, Member, manifests, texts
from hop3_nix.locks.reading import LockText, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.locks.node.base import TargetNode
    from hop3_nix.source import Source

LOCK: Final = "npm install --package-lock-only"
REMEDY: Final = f"Lock again: {LOCK}"

_MEND: Final = (
    "npm left it out because it found the package in node_modules. Delete node_modules and the "
    f"entry, and lock again: {LOCK}"
)
_GROUPS: Final = (
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
)


class _Entry(Table):
    name: str = ""
    version: str = ""
    resolved: str = ""
    integrity: str = ""
    link: bool = False
    dev: bool = False
    optional: bool = False
    dev_optional: bool = Field(default=False, alias="devOptional")
    in_bundle: bool = Field(default=False, alias="inBundle")
    extraneous: bool = False
    has_install_script: bool = Field(default=False, alias="hasInstallScript")
    os: tuple[str, ...] = ()
    cpu: tuple[str, ...] = ()
    libc: tuple[str, ...] = ()

    @property
    def inside_another(self) -> bool:
        """Return whether the tarball of another package has it.

        What the app itself bundles is marked alike, and is fetched: it has a digest.
        """
        return self.in_bundle and not self.integrity


class _Lock(Table):
    packages: dict[str, _Entry]


def read(source: Source, file: str, target: TargetNode) -> Tree:
    """Return the tree that npm would install for ``target``; raises LockError."""
    text, lock, data = _open(source, file)
    places = _Places(text)
    _check_current(source, lock.packages, data["packages"], file)
    known = known_digests(source, _weak(lock, places), _MEND)
    modules: list[Module] = []
    links: list[Link] = []
    for path, entry in lock.packages.items():
        name = path.rpartition("node_modules/")[2]
        # What has no node_modules in its path is the app itself, or one of its workspaces.
        if name == path or entry.extraneous or entry.inside_another:
            continue
        place = places.of(path)
        checked_path(path, place)
        checked_name(name, place)
        if entry.link:
            links.append(Link(path, checked_path(entry.resolved, place), entry.dev))
            continue
        module = _module(path, entry, place, known)
        if target.accepts(entry.os, entry.cpu, entry.libc):
            modules.append(module)
        elif not (entry.optional or entry.dev_optional):
            raise unsupported_platform(f"{module.name} {module.version}", target, place)
    return sorted_tree(file, modules, links)


def weak_pins(source: Source, file: str) -> tuple[Weak, ...]:
    """Return the packages of ``file`` that have only a SHA-1, or no digest at all."""
    text, lock, _ = _open(source, file)
    return _weak(lock, _Places(text))


def _weak(lock: _Lock, places: _Places) -> tuple[Weak, ...]:
    found: dict[str, Weak] = {}
    for path, entry in lock.packages.items():
        name = path.rpartition("node_modules/")[2]
        own = name == path or entry.extraneous or entry.inside_another or entry.link
        url = entry.resolved
        if own or best_digest(entry.integrity):
            continue
        place, name = places.of(path), entry.name or name
        address = fetchable(url, f"{name} {entry.version}", place)
        sha1 = sha1_of(entry.integrity, url)
        weak = Weak(name, entry.version, address, sha1, place)
        if sha1 or not entry.integrity:
            found.setdefault(weak.pin, weak)
    return tuple(found.values())


def _open(source: Source, file: str) -> tuple[LockText, _Lock, dict[str, Any]]:
    text = LockText.of(source, file)
    data = text.json(REMEDY)
    version = data.get("lockfileVersion")
    if version not in (2, 3):
        raise text.containing('"lockfileVersion"').error(
            f"lockfileVersion {version}; read are 2 and 3, which npm writes since version 7",
            tip=f"Write it again with a newer npm: {LOCK}",
        )
    return text, text.model(_Lock, _listed(data), REMEDY), data


def _listed(data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` with the platforms of each entry as lists, as npm lets them be text."""
    packages = data.get("packages")
    if not isinstance(packages, dict):
        return data
    return {
        **data,
        "packages": {
            path: {
                key: [value] if key in {"os", "cpu", "libc"} and isinstance(value, str) else value
                for key, value in entry.items()
            }
            if isinstance(entry, dict)
            else entry
            for path, entry in packages.items()
        },
    }


def _module(path: str, entry: _Entry, place: Place, known: Mapping[str, str]) -> Module:
    name = checked_name(entry.name or path.rpartition("node_modules/")[2], place)
    who = f"{name} {entry.version}".rstrip()
    url = fetchable(entry.resolved, who, place)
    return Module(
        path=path,
        name=name,
        version=checked_version(entry.version, who, place),
        integrity=strongest(
            best_digest(entry.integrity) or known.get(f"{name}@{entry.version}", entry.integrity),
            who,
            place,
            remedy=_MEND,
        ),
        url=url,
        dev=entry.dev,
        may_build=entry.has_install_script,
        optional=entry.optional,
    )


class _Places:
    """The line of each key of ``packages``; the names stand elsewhere in the file as well."""

    def __init__(self, text: LockText) -> None:
        self._file = text.file
        self._lines: dict[str, int] = {}
        inside = False
        for number, line in enumerate(text.text.splitlines(), 1):
            stripped = line.strip()
            inside = inside or stripped.startswith('"packages"')
            if inside and stripped.endswith("{"):
                self._lines.setdefault(stripped.partition('":')[0].strip('"'), number)

    def of(self, path: str) -> Place:
        return Place(self._file, self._lines.get(path))


def _check_current(
    source: Source, packages: Mapping[str, _Entry], locked: Mapping[str, Any], file: str
) -> None:
    """Raise LockError unless the lockfile suits the package.json of the app and its workspaces.

    As ``npm ci`` has it: what is locked has to be in the range that is asked for, however that
    was written when it was locked.
    """
    overridden = _overridden(Member.of(source, MANIFEST).data)
    for directory, member in manifests(source).items():
        entry = locked.get(directory)
        if not isinstance(entry, dict):
            raise member.text.containing('"name"').error(
                f"the workspace {directory} is not in {file}", tip=REMEDY
            )
        locked_as = {group: texts(entry, group) for group in _GROUPS}
        for group, name, wanted in _asked(member.data):
            there = locked_as[group].get(name)
            found = _resolved(packages, directory, name)
            if there == wanted or name in overridden:
                continue
            if found and satisfies(found.version, wanted):
                continue
            what = f"has {there}" if there else "does not have it"
            who = f"{directory} requires {name} {wanted}" if directory else f"{name} {wanted} is"
            raise member.text.containing(f'"{name}"').error(
                f"{who}{'' if directory else ' required'} ({group}), and {file} {what}", tip=REMEDY
            )


def _resolved(packages: Mapping[str, _Entry], directory: str, name: str) -> _Entry | None:
    """Return the package that ``name`` means to a module in ``directory``, as Node finds it."""
    while True:
        prefix = f"{directory}/" if directory else ""
        if found := packages.get(f"{prefix}node_modules/{name}"):
            return packages.get(found.resolved) if found.link else found
        if not directory:
            return None
        directory = directory.rpartition("/")[0]


def _overridden(manifest: Mapping[str, Any]) -> set[str]:
    """Return the names in ``overrides``, whose versions need not be what is asked for."""
    said = manifest.get("overrides")
    names: set[str] = set()
    pending = [said] if isinstance(said, dict) else []
    while pending:
        for key, value in pending.pop().items():
            names.add(f"@{key[1:].partition('@')[0]}" if key[:1] == "@" else key.partition("@")[0])
            if isinstance(value, dict):
                pending.append(value)
    return names


def _asked(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    optional = texts(manifest, "optionalDependencies")
    for group in _GROUPS:
        for name, wanted in texts(manifest, group).items():
            # npm takes what is in both for optional, and leaves it out of the other.
            if group != "dependencies" or name not in optional:
                yield group, name, wanted
