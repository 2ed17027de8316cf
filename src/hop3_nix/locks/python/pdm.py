"""pdm.lock, formats 4.3 and later: files with hashes, and with addresses if it has static URLs.

With the strategy ``inherit_metadata`` (PDM's default) each package says for which groups and
markers it is there; without, the requirements are walked from those of pyproject.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from hop3_nix.locks import refusals
from hop3_nix.locks.base import LockedSet, Place, TargetPython, unknown, wrong_python
from hop3_nix.locks.python.current import check_current
from hop3_nix.locks.python.graph import walk
from hop3_nix.locks.python.packages import ListedFile, LockedPackage, filename_of, resolve
from hop3_nix.locks.python.project import Project
from hop3_nix.locks.python.wanted import Wanted, from_requirement
from hop3_nix.locks.reading import LockText, MarkerText, Name, Specifiers, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hop3_nix.source import Source

    Extras = frozenset[str]

REMEDY: Final = "Lock again: pdm lock"
_MAIN: Final = "default"
_OLDEST: Final = Version("4.3")
_TOO_NEW: Final = Version("5")


class _File(Table):
    hash: str = ""
    file: str = ""
    url: str = ""


class _Package(Table):
    name: Name
    version: str = ""
    extras: tuple[Name, ...] = ()
    requires_python: Specifiers | None = None
    groups: tuple[Name, ...] | None = None
    marker: MarkerText | None = None
    dependencies: tuple[str, ...] = ()
    files: tuple[_File, ...] = ()
    url: str = ""
    path: str = ""
    git: str = ""
    subdirectory: str = ""


class _Environment(Table):
    requires_python: Specifiers | None = None
    platform: str = ""


class _Metadata(Table):
    lock_version: str
    groups: tuple[Name, ...] = ()
    targets: tuple[_Environment, ...] = ()


class _Lock(Table):
    metadata: _Metadata
    package: tuple[_Package, ...] = ()


def read(
    source: Source,
    file: str,
    target: TargetPython,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> LockedSet:
    """Return what the default group needs on ``target``, with ``extras`` and other ``groups``.

    Raises LockError.
    """
    text = LockText.of(source, file)
    lock = text.model(_Lock, text.toml(REMEDY), REMEDY)
    asked = tuple(dict.fromkeys(map(canonicalize_name, (*extras, *groups))))
    _check_metadata(text, lock.metadata, target, asked)
    project = Project.of(source)
    wanted = list(project.required(frozenset(map(canonicalize_name, extras))))
    wanted += project.grouped(groups)
    reader = _Reader(text, lock, target)
    inherited = any(package.groups is not None for package in lock.package)
    nodes = reader.grouped({_MAIN, *asked}) if inherited else reader.walked(wanted)
    dependencies = resolve(map(reader.locked, nodes), target)
    check_current(
        wanted,
        dependencies,
        target,
        lock=file,
        remedy=REMEDY,
        except_for=project.overridden(),
    )
    return LockedSet.read_from(dependencies, (file, *project.files), target)


def _check_metadata(
    text: LockText, metadata: _Metadata, target: TargetPython, asked: tuple[str, ...]
) -> None:
    try:
        known = _OLDEST <= Version(metadata.lock_version) < _TOO_NEW
    except InvalidVersion:
        known = False
    if not known:
        raise text.key("metadata", "lock_version").error(
            f"format version {metadata.lock_version}; this hop3-nix reads from {_OLDEST} to 4.x",
            tip="Lock again with a current PDM: pdm lock --update-reuse",
        )
    for group in asked:
        if group not in metadata.groups:
            raise unknown("group", group, metadata.groups, text.key("metadata", "groups"))
    if not metadata.targets:
        return
    if not any(_matches(environment, target) for environment in metadata.targets):
        raise refusals.not_for(
            target,
            text.entry("metadata.targets", 0),
            tip="Lock for it too: pdm lock --append --python VERSION --platform linux",
        )


def _matches(environment: _Environment, target: TargetPython) -> bool:
    requires, platform = environment.requires_python, environment.platform
    if requires is not None and not target.satisfies(requires):
        return False
    if platform in {"", "linux"}:
        return True
    return platform.startswith(("linux_", "manylinux")) and platform.endswith(target.machine)


class _Reader:
    """One pass over a pdm.lock; a node is a package's index.

    A package with extras has an entry of its own beside the plain one.
    """

    def __init__(self, text: LockText, lock: _Lock, target: TargetPython) -> None:
        self._text = text
        self._lock = lock
        self._target = target

    def grouped(self, groups: set[str]) -> Iterator[int]:
        """Yield the packages of ``groups`` whose marker holds."""
        for index, package in enumerate(self._lock.package):
            if groups.intersection(package.groups or ()) and self._target.applies(package.marker):
                yield index

    def walked(self, wanted: list[Wanted]) -> tuple[int, ...]:
        """Return the packages that ``wanted`` reach."""
        return walk((w for w in wanted if w.applies(self._target)), self._find, self._needs)

    def locked(self, index: int) -> LockedPackage:
        """Return a package, with its files; raises LockError if it is not supported."""
        package, place = self._lock.package[index], self._text.entry("package", index)
        requires = package.requires_python
        if requires is not None and not self._target.satisfies(requires):
            raise wrong_python(self._target, package.name, str(requires), place)
        if package.git:
            raise refusals.from_repository(package.name, place)
        if package.path:
            raise refusals.from_tree(package.name, package.path, place)
        if package.subdirectory:
            raise refusals.from_subdirectory(package.name, place)
        files = tuple(_listed(file, package, place) for file in package.files)
        return LockedPackage(package.name, package.version, place, files)

    def _find(self, want: Wanted) -> list[tuple[int, Extras]]:
        found = [
            (index, frozenset[str]())
            for index, package in enumerate(self._lock.package)
            if package.name == want.name
            and want.extras.issuperset(package.extras)
            and (not package.version or want.allows(package.version))
        ]
        if not found:
            raise refusals.not_locked(want, self._text.file, want.place, tip=REMEDY)
        return found

    def _needs(self, index: int, _extras: Extras) -> Iterator[Wanted]:
        place = self._text.entry("package", index)
        for text in self._lock.package[index].dependencies:
            want = from_requirement(text, place)
            if want.applies(self._target):
                yield want


def _listed(file: _File, package: _Package, place: Place) -> ListedFile:
    url = file.url or package.url
    name = file.file or filename_of(url)
    if not name:
        raise place.error(f"{package.name}: a file without a name", tip=REMEDY)
    return ListedFile(name, (file.hash,) if file.hash else (), url)
