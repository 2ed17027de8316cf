"""pylock.toml (PEP 751): the standard lockfile, with addresses and hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from packaging.markers import UndefinedEnvironmentName
from packaging.pylock import Pylock, PylockValidationError
from packaging.utils import canonicalize_name

from hop3_nix.locks import refusals
from hop3_nix.locks.base import LockedSet, Place, TargetPython, unknown, wrong_python
from hop3_nix.locks.python.packages import ListedFile, LockedPackage, filename_of, resolve
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from packaging.markers import Marker
    from packaging.pylock import Package, PackageArchive, PackageSdist, PackageWheel

    from hop3_nix.source import Source

REMEDY: Final = "Write pylock.toml again with the tool that made it."


def read(
    source: Source,
    file: str,
    target: TargetPython,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> LockedSet:
    """Return what the lock has for ``target``, its default groups, ``extras`` and ``groups``.

    Raises LockError.
    """
    text = LockText.of(source, file)
    data = text.toml(REMEDY)
    try:
        lock = Pylock.from_dict(data)
    except PylockValidationError as error:
        raise _place_of(error, text).error(str(error), tip=REMEDY) from error
    dependencies = resolve(_packages(lock, text, target, extras, groups), target)
    return LockedSet.read_from(dependencies, (file,), target)


def _place_of(error: PylockValidationError, text: LockText) -> Place:
    """Return the line of the package that ``error`` names as ``packages[3].sdist``."""
    context = error.context or ""
    if context.startswith("packages["):
        return text.entry("packages", int(context.removeprefix("packages[").split("]")[0]))
    return Place(text.file)


def _packages(
    lock: Pylock,
    text: LockText,
    target: TargetPython,
    extras: Collection[str],
    groups: Collection[str],
) -> Iterator[LockedPackage]:
    """Yield what PEP 751's "Installation" section selects, in its order of checks."""
    _check_known("extra", extras, lock.extras or (), text)
    _check_known("dependency group", groups, lock.dependency_groups or (), text)
    if lock.requires_python is not None and not target.satisfies(lock.requires_python):
        place = text.key("requires-python")
        raise wrong_python(target, "the project", str(lock.requires_python), place)
    environment = target.marker_environment()
    place = text.key("environments")
    if lock.environments and not any(_applies(m, environment, place) for m in lock.environments):
        raise refusals.not_for(target, place, tip="Lock for it too.")
    selection: Mapping[str, str | frozenset[str]] = {
        **environment,
        "extras": frozenset(map(canonicalize_name, extras)),
        "dependency_groups": frozenset((*(lock.default_groups or ()), *groups)),
    }
    for index, package in enumerate(lock.packages):
        place = text.entry("packages", index)
        if package.marker and not _applies(package.marker, selection, place):
            continue
        requires = package.requires_python
        if requires is not None and not target.satisfies(requires):
            raise wrong_python(target, package.name, str(requires), place)
        if package.directory is None or package.directory.path.rstrip("/") != ".":
            yield _locked(package, place)


def _applies(marker: Marker, selection: Mapping[str, str | frozenset[str]], place: Place) -> bool:
    try:
        return marker.evaluate(selection, context="lock_file")
    except (ValueError, UndefinedEnvironmentName) as error:
        raise place.error(f"marker {marker}: {error}", tip=REMEDY) from error


def _check_known(kind: str, asked: Collection[str], known: Collection[str], text: LockText) -> None:
    for name in asked:
        if canonicalize_name(name) not in map(canonicalize_name, known):
            raise unknown(kind, name, known, Place(text.file))


def _locked(package: Package, place: Place) -> LockedPackage:
    if package.vcs is not None:
        raise refusals.from_repository(package.name, place, kind=package.vcs.type)
    if package.directory is not None:
        raise refusals.from_tree(package.name, str(package.directory.path), place)
    files = [_listed(file, file.filename, package, place) for file in package.wheels or ()]
    if package.sdist is not None:
        files.append(_listed(package.sdist, package.sdist.filename, package, place))
    if package.archive is not None:
        if package.archive.subdirectory:
            raise refusals.from_subdirectory(package.name, place)
        name = filename_of(package.archive.url or "")
        files.append(_listed(package.archive, name, package, place))
    return LockedPackage(package.name, str(package.version or ""), place, tuple(files))


def _listed(
    file: PackageWheel | PackageSdist | PackageArchive, name: str, package: Package, place: Place
) -> ListedFile:
    if not file.url:
        raise place.error(
            f"{package.name}: {file.path} is a local file, which is not supported",
            tip="Lock it from an index, or from an https address.",
        )
    hashes = tuple(f"{algorithm}:{value}" for algorithm, value in file.hashes.items())
    return ListedFile(name, hashes, file.url)
