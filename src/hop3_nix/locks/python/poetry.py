"""poetry.lock, formats 1.x, 2.0 and 2.1: files with hashes, without addresses.

From 2.1 on each package says for which groups and markers it is there; before, the requirements
are walked from those of pyproject.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from packaging.utils import canonicalize_name
from pydantic import AfterValidator, Field

from hop3_nix.locks import refusals
from hop3_nix.locks.base import LockedSet, Place, TargetPython, unknown, wrong_python
from hop3_nix.locks.python import poetry_versions
from hop3_nix.locks.python.current import check_current
from hop3_nix.locks.python.graph import walk
from hop3_nix.locks.python.packages import ListedFile, LockedPackage, filename_of, resolve
from hop3_nix.locks.python.project import Project
from hop3_nix.locks.python.wanted import Wanted, from_poetry
from hop3_nix.locks.reading import DashedTable, LockText, MarkerText, Name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from hop3_nix.source import Source

    Extras = frozenset[str]

REMEDY: Final = "Lock again: poetry lock"
_FORMATS: Final = ("1.0", "1.1", "2.0", "2.1")
_MAIN: Final = "main"


Versions = Annotated[str, AfterValidator(poetry_versions.checked)]


class _File(DashedTable):
    file: str
    hash: str
    url: str = ""


class _Source(DashedTable):
    type: str = "legacy"
    url: str = ""
    subdirectory: str = ""


class _Package(DashedTable):
    name: Name
    version: str
    python_versions: Versions = "*"
    groups: tuple[Name, ...] | None = None
    markers: MarkerText | dict[Name, MarkerText] | None = None
    files: tuple[_File, ...] = ()
    dependencies: dict[str, Any] = Field(default={})
    source: _Source = _Source()


class _Metadata(DashedTable):
    lock_version: str
    python_versions: Versions = "*"
    files: dict[str, tuple[_File, ...]] = Field(default={})


class _Lock(DashedTable):
    package: tuple[_Package, ...] = ()
    extras: dict[Name, tuple[str, ...]] = Field(default={})
    metadata: _Metadata


def read(
    source: Source,
    file: str,
    target: TargetPython,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> LockedSet:
    """Return what the main group needs on ``target``, with ``extras`` and other ``groups``.

    Raises LockError.
    """
    text = LockText.of(source, file)
    lock = text.model(_Lock, text.toml(REMEDY), REMEDY)
    reader = _Reader(
        text=text,
        lock=lock,
        target=target,
        extras=frozenset(map(canonicalize_name, extras)),
        groups=(_MAIN, *map(canonicalize_name, groups)),
    )
    project = Project.of(source)
    wanted = tuple(project.required_of_poetry(reader.extras, reader.groups[1:]))
    dependencies = resolve(reader.packages(wanted), target)
    check_current(wanted, dependencies, target, lock=file, remedy=REMEDY)
    return LockedSet.read_from(dependencies, (file, *project.files), target)


class _Reader:
    """One pass over a poetry.lock; a node is a package's index."""

    def __init__(
        self,
        *,
        text: LockText,
        lock: _Lock,
        target: TargetPython,
        extras: Extras,
        groups: tuple[str, ...],
    ) -> None:
        self.text = text
        self.lock = lock
        self.target = target
        self.extras = extras
        self.groups = groups

    def packages(self, wanted: Iterable[Wanted]) -> Iterator[LockedPackage]:
        metadata = self.lock.metadata
        if metadata.lock_version not in _FORMATS:
            raise self.text.key("metadata", "lock-version").error(
                f"format version {metadata.lock_version}; this hop3-nix reads {_FORMATS}",
                tip="Upgrade hop3-nix, or lock with the version of Poetry that it knows.",
            )
        place = self.text.key("metadata", "python-versions")
        self._check_python(metadata.python_versions, "the project", place)
        for extra in sorted(self.extras - self.lock.extras.keys()):
            raise unknown("extra", extra, self.lock.extras, self.text.key("extras"))
        for index in self._grouped() if self._has_groups else self._walked(wanted):
            package, place = self.lock.package[index], self.text.entry("package", index)
            self._check_python(package.python_versions, package.name, place)
            yield self._locked(package, place)

    @property
    def _has_groups(self) -> bool:
        return any(package.groups is not None for package in self.lock.package)

    def _grouped(self) -> Iterator[int]:
        known = {group for package in self.lock.package for group in package.groups or ()}
        for group in self.groups:
            if group != _MAIN and group not in known:
                raise unknown("group", group, known, Place(self.text.file))
        for index, package in enumerate(self.lock.package):
            if any(self._in_group(package, group) for group in self.groups):
                yield index

    def _in_group(self, package: _Package, group: str) -> bool:
        if group not in (package.groups or ()):
            return False
        markers = package.markers
        marker = markers.get(group) if isinstance(markers, dict) else markers
        return self.target.applies(marker, self.extras)

    def _walked(self, wanted: Iterable[Wanted]) -> tuple[int, ...]:
        return walk((want for want in wanted if want.applies(self.target)), self._find, self._needs)

    def _find(self, want: Wanted) -> list[tuple[int, Extras]]:
        found = [
            index
            for index, package in enumerate(self.lock.package)
            if package.name == want.name
            and want.allows(package.version)
            and self._allows_python(package.python_versions)
        ]
        if not found:
            raise refusals.not_locked(want, self.text.file, want.place, tip=REMEDY)
        return [(found[0], want.extras)]

    def _needs(self, index: int, extras: Extras) -> Iterator[Wanted]:
        place = self.text.entry("package", index)
        for name, value in self.lock.package[index].dependencies.items():
            for want in from_poetry(name, value, place):
                if want.applies(self.target, extras) and (extras or not want.optional):
                    yield want

    def _allows_python(self, constraint: str) -> bool:
        return poetry_versions.allows(constraint, self.target.version)

    def _check_python(self, constraint: str, who: str, place: Place) -> None:
        if not self._allows_python(constraint):
            raise wrong_python(self.target, who, constraint, place)

    def _locked(self, package: _Package, place: Place) -> LockedPackage:
        origin = package.source
        listed = package.files or self.lock.metadata.files.get(package.name, ())
        match origin.type:
            case "legacy":
                files = tuple(ListedFile(file.file, (file.hash,), file.url) for file in listed)
            case "url" if not origin.subdirectory:
                files = tuple(
                    ListedFile(filename_of(origin.url), (file.hash,), origin.url)
                    for file in listed[:1]
                )
            case "git":
                raise refusals.from_repository(package.name, place)
            case other:
                raise place.error(
                    f"{package.name} comes from {other} {origin.url}, which is not supported",
                    tip=f"Publish {package.name}, or make it a package of the app itself.",
                )
        return LockedPackage(package.name, package.version, place, files)
