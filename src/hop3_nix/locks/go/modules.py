"""The modules of an application: its own, and which files of others Go will ask a proxy for."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.base import Place
from hop3_nix.locks.go.gosum import SUM, WORK_SUM, read_sum
from hop3_nix.locks.go.modfile import MOD, WORK, Module, read_mod

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.locks.go.gosum import Wanted
    from hop3_nix.locks.go.modfile import ModFile
    from hop3_nix.source import Source

MODULES_TXT: Final = "vendor/modules.txt"

_LISTS_ALL: Final = (1, 17)
"""The first Go whose go.mod names every module that a build needs."""

_USES_VENDOR: Final = (1, 14)
_WORK_USES_VENDOR: Final = (1, 22)


@dataclass(frozen=True)
class GoModules:
    """What the files of an application say that it is made of."""

    top: ModFile
    """The go.work if there is one, or else the go.mod at the top."""
    own: tuple[ModFile, ...]
    """The go.mod of each module whose programs are the application's."""
    local: tuple[ModFile, ...]
    """Those of directories that stand for modules of others."""
    pins: Mapping[Wanted, str]
    """The h1 of each file that go.sum pins."""
    vendored: bool

    @property
    def manifests(self) -> tuple[str, ...]:
        """Return the files that Go chooses modules by, other than what is in vendor/."""
        mods = (*self.own, *self.local)
        sums = (posixpath.join(mod.directory, SUM) for mod in self.own)
        return tuple(dict.fromkeys((self.top.file, *(mod.file for mod in mods), *sums, WORK_SUM)))

    @property
    def required(self) -> tuple[tuple[Module, Place], ...]:
        """Return the modules that are required of others, and where."""
        return tuple(
            (module, Place(mod.file, line)) for mod in self.own for module, line in mod.requires
        )

    def needed(self) -> dict[Wanted, str]:
        """Return the files that a build needs, with their h1; none with vendor/.

        Raises LockError if a module is required that go.sum does not have.
        """
        if self.vendored:
            return {}
        all_of_them = any(mod.language < _LISTS_ALL for mod in self.own) or len(self.own) > 1
        mods = (self.top, *self.own)
        replaces = [each for mod in mods for each in mod.replaces]
        wanted = {module for module, _ in self.required}
        wanted |= {each.new for each in replaces if each.new.version}
        replaced = {each.old for each in replaces} | {mod.module for mod in self.own}
        for module, place in self.required:
            if module.path not in replaced and (module, "mod") not in self.pins:
                raise place.error(
                    f"{module} is required, and {SUM} does not have it",
                    tip="Have Go write it, and commit both files: go mod tidy",
                )
        return {
            each: h1
            for each, h1 in self.pins.items()
            if each[1] == "mod" or all_of_them or each[0] in wanted
        }


def read_modules(source: Source) -> GoModules:
    """Return the modules of the application. Raises LockError."""
    if source.has(WORK):
        top = read_mod(source, WORK)
        own = tuple(_used(source, top))
        sums = (WORK_SUM, *(posixpath.join(mod.directory, SUM) for mod in own))
        vendored = source.has(MODULES_TXT) and top.language >= _WORK_USES_VENDOR
    elif source.has(MOD):
        top = read_mod(source, MOD)
        own, sums = (top,), (SUM,)
        vendored = source.has(MODULES_TXT) and top.language >= _USES_VENDOR
    else:
        raise Place(MOD).error(
            "there is none, and Go has to know what the application is called and needs",
            tip="Write it and commit it: go mod init NAME && go mod tidy",
        )
    for mod in own:
        if not mod.module:
            raise Place(mod.file).error("it names no module", tip="Begin it with: module NAME")
    local = tuple(mod for mod in dict.fromkeys(_replacing(source, (top, *own))) if mod not in own)
    pins = {each: h1 for file in sums for each, h1 in read_sum(source, file).items()}
    return GoModules(top, own, local, pins, vendored)


def matches(patterns: str, module: str) -> bool:
    """Return whether ``module`` is one of ``patterns``, as GOPRIVATE has them."""
    for pattern in filter(None, patterns.split(",")):
        parts = module.split("/")[: pattern.strip("/").count("/") + 1]
        if fnmatchcase("/".join(parts), pattern.strip("/")):
            return True
    return False


def _used(source: Source, work: ModFile) -> Iterator[ModFile]:
    for directory, line in work.uses:
        yield _at(source, work, directory, line, f"use {directory}")


def _replacing(source: Source, mods: tuple[ModFile, ...]) -> Iterator[ModFile]:
    for mod in mods:
        for each in mod.replaces:
            if not each.new.version:
                what = f"{each.old} is replaced by {each.new.path}"
                yield _at(source, mod, each.new.path, each.line, what)


def _at(source: Source, mod: ModFile, directory: str, line: int, what: str) -> ModFile:
    """Return the go.mod in ``directory``, which ``mod`` names in ``line``."""
    place = Place(mod.file, line)
    inside = posixpath.normpath(posixpath.join(mod.directory, directory))
    if inside == ".." or inside.startswith(("../", "/")):
        raise place.error(
            f"{what}, which is outside of the application",
            tip="Keep that directory in the application, or build from the directory above both.",
        )
    file = MOD if inside == "." else f"{inside}/{MOD}"
    if not source.has(file):
        raise place.error(f"{what}, and there is no {file}", tip="Commit that directory as well.")
    return read_mod(source, file)
