"""The node_modules of an application: of its lockfile, and of directories that have their own."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import Hop3NixError
from hop3_nix.locks.node.base import Tree, sorted_tree
from hop3_nix.locks.node.workspaces import manifests
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.node.building import decide_building
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.dependencies import read_tree
from hop3_nix.toolchains.node.managers import LOCKFILES, choose_manager
from hop3_nix.toolchains.node.packages import Packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.locks.node.base import TargetNode

_OF_WORKSPACES: Final = ("pnpm-workspace.yaml",)


def whole_tree(app: App, target: TargetNode) -> tuple[Tree, tuple[str, ...]]:
    """Return the tree of the app, and the lockfiles of directories that are in it as well.

    These are directories in which a step or a worker runs a script, and which are no workspaces.
    Raises LockError.
    """
    tree = read_tree(app.source, app.once(choose_manager), target)
    modules, links = list(tree.modules), list(tree.links)
    lockfiles = []
    for directory in own_directories(app):
        below = App(app.source.below(directory), app.config)
        try:
            manager = below.once(choose_manager)
            found = read_tree(below.source, manager, target)
        except Hop3NixError as error:
            raise _in(directory, error) from error
        modules += [replace(each, path=f"{directory}/{each.path}") for each in found.modules]
        links += [
            replace(each, path=f"{directory}/{each.path}", target=f"{directory}/{each.target}")
            for each in found.links
        ]
        if manager.lockfile:
            lockfiles.append(f"{directory}/{manager.lockfile}")
    return sorted_tree(tree.file, modules, links), tuple(lockfiles)


def own_directories(app: App) -> tuple[str, ...]:
    """Return the directories whose scripts are run and whose packages their own lockfile pins."""
    packages, config = app.read(Packages), app.config
    app.once(decide_building)
    for name, line in (*config.workers.items(), *(("", line) for line in config.before_run)):
        where = config.where(f"run.workers.{name}" if name else "run.before-run")
        write_out(line, packages, Place(*where))
    if not config.workers and "start" in packages.manifest().scripts:
        write_out("npm start", packages, Place("package.json", None))
    members = manifests(app.source) if packages.is_package("") else {}
    return tuple(
        directory
        for directory in sorted(packages.visited)
        if directory and directory not in members and _has_dependencies(app, packages, directory)
    )


def _has_dependencies(app: App, packages: Packages, directory: str) -> bool:
    files = (*(file for files in LOCKFILES.values() for file in files), *_OF_WORKSPACES)
    locked = any(app.source.has(posixpath.join(directory, file)) for file in files)
    return locked or bool(list(_required(packages, directory)))


def _required(packages: Packages, directory: str) -> Iterator[str]:
    manifest = packages.manifest(directory)
    for group in ("dependencies", "devDependencies", "optionalDependencies"):
        yield from manifest.table(group)


def _in(directory: str, error: Hop3NixError) -> Hop3NixError:
    """Return ``error`` with its file named as the application has it."""
    file = posixpath.join(directory, error.file or "package.json")
    return type(error)(error.message, tip=error.tip, file=file, line=error.line)
