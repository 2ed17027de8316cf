"""uv.lock: every package with address and hash, and the requirements to walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from packaging.utils import canonicalize_name
from pydantic import Field

from hop3_nix.locks import refusals
from hop3_nix.locks.base import LockedSet, Place, TargetPython, unknown, wrong_python
from hop3_nix.locks.python.current import check_current
from hop3_nix.locks.python.graph import walk
from hop3_nix.locks.python.packages import ListedFile, LockedPackage, filename_of, resolve
from hop3_nix.locks.python.project import Project
from hop3_nix.locks.reading import DashedTable, LockText, MarkerText, Name, Specifiers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hop3_nix.source import Source

    Extras = frozenset[str]

REMEDY: Final = "Lock again: uv lock"
_VERSION: Final = 1
"""Version of the format; its revisions only add."""


class _Source(DashedTable):
    registry: str = ""
    url: str = ""
    git: str = ""
    path: str = ""
    directory: str = ""
    editable: str = ""
    virtual: str = ""
    subdirectory: str = ""

    @property
    def tree(self) -> str:
        return self.directory or self.editable or self.virtual


class _File(DashedTable):
    url: str = ""
    path: str = ""
    filename: str = ""
    hash: str = ""


class _Need(DashedTable):
    name: Name
    version: str = ""
    source: _Source | None = None
    extra: tuple[Name, ...] = ()
    marker: MarkerText | None = None


class _Metadata(DashedTable):
    provides_extras: tuple[Name, ...] = ()


class _Package(DashedTable):
    name: Name
    version: str = ""
    source: _Source
    dependencies: tuple[_Need, ...] = ()
    optional_dependencies: dict[Name, tuple[_Need, ...]] = Field(default={})
    dev_dependencies: dict[Name, tuple[_Need, ...]] = Field(default={})
    metadata: _Metadata = _Metadata()
    sdist: _File | None = None
    wheels: tuple[_File, ...] = ()

    @property
    def extras(self) -> frozenset[str]:
        return frozenset((*self.optional_dependencies, *self.metadata.provides_extras))


class _Lock(DashedTable):
    version: int
    requires_python: Specifiers
    supported_markers: tuple[MarkerText, ...] = ()
    conflicts: tuple[Any, ...] = ()
    package: tuple[_Package, ...] = ()


def read(
    source: Source,
    file: str,
    target: TargetPython,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> LockedSet:
    """Return what the project needs on ``target``, with its ``extras`` and dependency groups.

    Raises LockError.
    """
    text = LockText.of(source, file)
    data = text.toml(REMEDY)
    if data.get("version") != _VERSION:
        raise text.key("version").error(
            f"format version {data.get('version')}; this hop3-nix reads version {_VERSION}",
            tip="Upgrade hop3-nix, or lock with the version of uv that it knows.",
        )
    wanted_extras = tuple(sorted(map(canonicalize_name, extras)))
    project = Project.of(source)
    wanted_groups = tuple(dict.fromkeys((*project.default_groups(), *groups)))
    reader = _Reader(text, text.model(_Lock, data, REMEDY), target, wanted_extras, wanted_groups)
    packages = reader.packages()
    dependencies = resolve(packages, target)
    check_current(
        project.required(wanted_extras),
        dependencies,
        target,
        lock=file,
        remedy=REMEDY,
        except_for=project.overridden(),
    )
    return LockedSet.read_from(dependencies, (file, *project.files), target)


class _Reader:
    """One walk over a uv.lock; a node is a package's index."""

    def __init__(
        self,
        text: LockText,
        lock: _Lock,
        target: TargetPython,
        extras: tuple[str, ...],
        groups: tuple[str, ...],
    ) -> None:
        self._text = text
        self._lock = lock
        self._by_name: dict[str, list[int]] = {}
        for index, package in enumerate(lock.package):
            self._by_name.setdefault(package.name, []).append(index)
        self._target = target
        self._extras = extras
        self._groups = tuple(map(canonicalize_name, groups))
        self._root = self._find_root()
        self._markers = self._conflict_markers()

    def packages(self) -> Iterator[LockedPackage]:
        lock, target = self._lock, self._target
        if not target.satisfies(lock.requires_python):
            place = self._text.key("requires-python")
            raise wrong_python(target, "the project", str(lock.requires_python), place)
        if lock.supported_markers and not any(map(target.applies, lock.supported_markers)):
            raise refusals.not_for(
                target,
                self._text.key("supported-markers"),
                tip="Add it to tool.uv.environments and run uv lock.",
            )
        root = lock.package[self._root]
        needs = list(self._needs(self._root, frozenset(self._extras)))
        for group in self._groups:
            if group not in root.dev_dependencies:
                place = self._text.entry("package", self._root)
                raise unknown("dependency group", group, root.dev_dependencies, place)
            needs += self._applying(root.dev_dependencies[group])
        for index in walk(needs, self._find, self._needs):
            if index != self._root:
                yield self._locked(index)

    def _find_root(self) -> int:
        for index, package in enumerate(self._lock.package):
            if package.source.tree == ".":
                for extra in sorted(set(self._extras) - package.extras):
                    place = self._text.entry("package", index)
                    raise unknown("extra", extra, package.extras, place)
                return index
        raise Place(self._text.file).error(
            "no entry for the project itself",
            tip="hop3-nix builds one project: lock the member that is the app, in its own folder.",
        )

    def _conflict_markers(self) -> tuple[str, ...]:
        """Return the names under which uv's markers know the extras and groups asked for."""
        if not self._lock.conflicts:
            return ()
        name = self._lock.package[self._root].name
        names = [f"extra-{len(name)}-{name}-{extra}" for extra in self._extras]
        names += [f"group-{len(name)}-{name}-{group}" for group in self._groups]
        if len(names) > 1:
            raise self._text.key("conflicts").error(
                "several extras or groups of a lockfile that declares conflicts",
                tip="Ask for one of them at most, or lock without tool.uv.conflicts.",
            )
        return tuple(names)

    def _applying(self, needs: tuple[_Need, ...]) -> list[_Need]:
        return [need for need in needs if self._target.applies(need.marker, self._markers)]

    def _needs(self, index: int, extras: Extras) -> list[_Need]:
        package = self._lock.package[index]
        needs = list(package.dependencies)
        for extra in sorted(extras):
            needs += package.optional_dependencies.get(extra, ())
        return self._applying(tuple(needs))

    def _find(self, need: _Need) -> list[tuple[int, Extras]]:
        found = [
            index
            for index in self._by_name.get(need.name, ())
            for package in [self._lock.package[index]]
            if need.version in {"", package.version} and need.source in {None, package.source}
        ]
        if len(found) != 1:
            what = "several packages" if found else "no package"
            raise self._text.containing(f'name = "{need.name}"').error(
                f"{what} for the requirement {need.name} {need.version}".rstrip(), tip=REMEDY
            )
        return [(found[0], frozenset(need.extra))]

    def _locked(self, index: int) -> LockedPackage:
        package, place = self._lock.package[index], self._text.entry("package", index)
        origin = package.source
        if origin.git:
            raise refusals.from_repository(package.name, place)
        if origin.tree or origin.path:
            raise refusals.from_tree(package.name, origin.tree or origin.path, place)
        if origin.subdirectory:
            raise refusals.from_subdirectory(package.name, place)
        listed = [*package.wheels, *([package.sdist] if package.sdist else [])]
        files = tuple(self._listed(file, origin, package, place) for file in listed)
        return LockedPackage(package.name, package.version, place, files)

    @staticmethod
    def _listed(file: _File, origin: _Source, package: _Package, place: Place) -> ListedFile:
        url = file.url or origin.url
        if not url:
            raise refusals.from_file(package.name, file.path, place)
        name = file.filename or filename_of(url)
        return ListedFile(name, (file.hash,) if file.hash else (), url)
