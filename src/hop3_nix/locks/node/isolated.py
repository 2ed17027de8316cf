"""The layout for lockfiles that say what each package needs, and not where it goes.

Each package has a directory of its own, beside links to what it needs, as pnpm does it: Node
resolves what a module requires from the real path of the module. What is also linked further up
is for packages that require what they do not declare.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hop3_nix.locks.node.base import Link, Module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True)
class Package:
    """A package of a lockfile: its tarball, and the keys of what it needs by their aliases.

    ``optional`` are the aliases that may be missing. A package that is a ``directory`` of the app
    has no tarball: it is linked, and finds what it needs beside it.
    """

    key: str
    name: str
    version: str
    integrity: str
    url: str
    needs: Mapping[str, str]
    may_build: bool = True
    optional: frozenset[str] = frozenset()
    directory: str = ""


@dataclass(frozen=True)
class Importer:
    """The app (``directory`` empty) or one of its workspaces, and what each needs, by alias.

    ``links`` are aliases of workspaces, with their directories; those in ``dev`` are only for
    the build, and those in ``optional`` may be missing.
    """

    directory: str
    run: Mapping[str, str]
    dev: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    dev_links: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()


def reach(
    packages: Mapping[str, Package], roots: Iterable[str], *, required: bool = False
) -> set[str]:
    """Return the keys of what ``roots`` need, themselves included, as far as it is there.

    With ``required``, what they need without fail.
    """
    pending, reached = list(roots), set[str]()
    while pending:
        key = pending.pop()
        if key in packages and key not in reached:
            reached.add(key)
            package = packages[key]
            pending.extend(
                need
                for alias, need in package.needs.items()
                if not (required and alias in package.optional)
            )
    return reached


def _roots(importers: Iterable[Importer], *, required: bool = False) -> Iterator[str]:
    for each in importers:
        for alias, key in (*each.run.items(), *each.dev.items()):
            if not (required and alias in each.optional):
                yield key


def lay_out(
    packages: Mapping[str, Package],
    importers: Iterable[Importer],
    store: str,
    public: Callable[[str], bool],
) -> tuple[list[Module], list[Link]]:
    """Return the tree; ``store`` is the directory in node_modules that holds the packages.

    Packages whose name is ``public`` can be required by the app; others only by packages.
    """
    known = tuple(importers)
    run = reach(packages, (key for each in known for key in each.run.values()))
    every = reach(packages, _roots(known))
    required = reach(packages, _roots(known, required=True), required=True)
    home = {key: _home(packages[key], store) for key in every}
    paths = {key: packages[key].directory or f"{home[key]}/{packages[key].name}" for key in every}
    modules: list[Module] = []
    links: dict[str, Link] = {}

    def link(path: str, target: str, *, dev: bool) -> None:
        if path != target:
            links.setdefault(path, Link(path, target, dev))

    for key in sorted(every):
        package, dev = packages[key], key not in run
        if not package.directory:
            optional = key not in required
            modules.append(_module(package, paths[key], dev=dev, optional=optional))
        for alias, need in package.needs.items():
            if need in every and alias != package.name:
                link(f"{home[key]}/{alias}", paths[need], dev=dev)
    for importer in known:
        front = f"{importer.directory}/" if importer.directory else ""
        for alias, path, dev in _of_importer(importer, paths):
            link(f"{front}node_modules/{alias}", path, dev=dev)
    # Those of the run time first, then the newest, so that the choice does not depend on the build.
    for key in sorted(every, key=lambda key: (key in run, packages[key].version), reverse=True):
        name = packages[key].name
        above = "node_modules" if public(name) else f"node_modules/{store}/node_modules"
        link(f"{above}/{name}", paths[key], dev=key not in run)
    return modules, list(links.values())


def _home(package: Package, store: str) -> str:
    """Return the directory in which ``package`` finds what it needs."""
    if package.directory:
        return f"{package.directory}/node_modules"
    return f"node_modules/{store}/{_directory(package)}/node_modules"


def _module(package: Package, path: str, *, dev: bool, optional: bool) -> Module:
    return Module(
        path=path,
        name=package.name,
        version=package.version,
        integrity=package.integrity,
        url=package.url,
        dev=dev,
        may_build=package.may_build,
        optional=optional,
    )


def _of_importer(importer: Importer, paths: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    for needs, linked, dev in (
        (importer.run, importer.links, False),
        (importer.dev, importer.dev_links, True),
    ):
        for alias, key in needs.items():
            if key in paths:
                yield alias, paths[key], dev
        for alias, directory in linked.items():
            yield alias, directory, dev


def _directory(package: Package) -> str:
    plain = f"{package.name}@{package.version}"
    shown = plain.replace("/", "+")
    if package.key == plain:
        return shown
    return f"{shown}_{hashlib.sha256(package.key.encode()).hexdigest()[:8]}"
