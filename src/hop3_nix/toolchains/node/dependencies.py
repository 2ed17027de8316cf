"""What the app depends on, as its lockfile pins it: files, and where each of them goes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from hop3_nix.locks.node import berry, bun, npm, pnpm, yarn
from hop3_nix.locks.node.base import Tree
from hop3_nix.plan import Dependency, LockedFile, UnlocatedFile
from hop3_nix.toolchains.language import Arguments
from hop3_nix.toolchains.node.registry import address, said_registries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hop3_nix.locks.node.base import Module, TargetNode
    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.managers import Manager

READERS: Final = {
    "package-lock.json": npm.read,
    "npm-shrinkwrap.json": npm.read,
    "pnpm-lock.yaml": pnpm.read,
    "yarn.lock": yarn.read,
    "bun.lock": bun.read,
}

_FOR_ADDONS: Final = frozenset(
    {"bindings", "nan", "node-addon-api", "node-gyp", "node-gyp-build", "prebuild-install"}
)
"""Packages that native addons depend on."""


class DepsArguments(Arguments):
    """What only Node says to mkDeps: where each tarball belongs, in the result and for steps."""

    modules: dict[str, str] = Field(default={}, description="Place to the name of its tarball.")
    links: dict[str, str] = Field(default={}, description="Place to what it leads to.")
    build_modules: dict[str, str] = Field(default={}, description="Those for build steps alone.")
    build_links: dict[str, str] = Field(default={}, description="Those for build steps alone.")
    optional: tuple[str, ...] = Field(
        default=(),
        description="Places that may be left out: of another platform, or not to be built.",
    )
    allow_scripts: tuple[str, ...] = Field(
        default=(), description="Packages whose install scripts run."
    )
    compile: bool = Field(
        default=True,
        description="Whether there is a compiler for packages that have a binding.gyp.",
    )


class AppArguments(Arguments):
    """What only Node says to mkApp: what becomes of node_modules when the build is done."""

    node_modules: Literal["linked", "copied", "none"] = "linked"
    checked: tuple[str, ...] = Field(
        default=(), description="Modules of the application that are parsed when it is built."
    )


@dataclass(frozen=True)
class Modules:
    """The files of the app and of its build steps, and the trees that they make."""

    dependencies: tuple[Dependency, ...]
    build_dependencies: tuple[Dependency, ...]
    arguments: DepsArguments

    @property
    def present(self) -> bool:
        """Return whether there is a node_modules at run time."""
        return bool(self.arguments.modules or self.arguments.links)


def read_tree(source: Source, manager: Manager, target: TargetNode) -> Tree:
    """Return the tree of the app's lockfile; raises LockError."""
    if not manager.lockfile:
        return Tree("")
    if is_berry(source, manager):
        return berry.read(source, manager.lockfile, target)
    return READERS[manager.lockfile](source, manager.lockfile, target)


def is_berry(source: Source, manager: Manager) -> bool:
    """Return whether the lockfile is one of Yarn 2 or later."""
    return manager.lockfile == "yarn.lock" and berry.is_berry(source, manager.lockfile)


def decide_modules(
    source: Source, tree: Tree, *, built: bool, allowed: tuple[str, ...] = ()
) -> Modules:
    """Return ``tree`` as the plan has it, without what only a build needs if not ``built``.

    ``allowed`` are the packages whose install scripts run.
    """
    registries = said_registries(source)
    names = _filenames(tree.modules)
    files = {names[_key(each)]: _file(each, names[_key(each)], registries) for each in tree.modules}
    run = [each for each in tree.modules if not each.dev]
    build = [each for each in tree.modules if each.dev and built]
    of_run = {names[_key(each)] for each in run}
    of_build = {names[_key(each)] for each in build} - of_run
    kept = run + build
    return Modules(
        dependencies=tuple(files[name] for name in sorted(of_run)),
        build_dependencies=tuple(files[name] for name in sorted(of_build)),
        arguments=DepsArguments(
            modules={each.path: names[_key(each)] for each in run},
            links={link.path: link.target for link in tree.links if not link.dev},
            build_modules={each.path: names[_key(each)] for each in build},
            build_links={link.path: link.target for link in tree.links if link.dev and built},
            optional=tuple(sorted(each.path for each in kept if each.optional)),
            allow_scripts=allowed,
            compile=bool(allowed) or any(map(_may_compile, kept)),
        ),
    )


def _may_compile(module: Module) -> bool:
    # npm does not always mark an addon whose install script is the implied one.
    return module.may_build or module.name in _FOR_ADDONS


def _key(module: Module) -> tuple[str, str, str]:
    return module.name, module.version, module.integrity


def _filenames(modules: Iterable[Module]) -> dict[tuple[str, str, str], str]:
    """Return a file name for each tarball, as ``npm pack`` makes it, and no two the same."""
    taken: dict[str, tuple[str, str, str]] = {}
    for key in sorted({_key(module) for module in modules}):
        name, version, integrity = key
        stem = f"{name.removeprefix('@').replace('/', '-')}-{version}"
        if f"{stem}.tgz" in taken:
            stem += f"-{hashlib.sha256(f'{name} {integrity}'.encode()).hexdigest()[:8]}"
        taken[f"{stem}.tgz"] = key
    return {key: filename for filename, key in taken.items()}


def _file(module: Module, filename: str, registries: Mapping[str, str]) -> Dependency:
    url = module.url or address(module.name, module.version, registries)
    if not url:
        return UnlocatedFile(
            name=module.name,
            version=module.version,
            filename=filename,
            integrity=module.integrity,
        )
    return LockedFile(
        name=module.name,
        version=module.version,
        filename=filename,
        url=url,
        integrity=module.integrity,
    )
