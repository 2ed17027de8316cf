"""One package of a lockfile, and the choice of the one file of it that is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from packaging.tags import create_compatible_tags_selector
from packaging.utils import (
    InvalidName,
    InvalidWheelFilename,
    canonicalize_name,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from hop3_nix.locks.base import split_address
from hop3_nix.plan import Dependency, LockedFile, UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hop3_nix.locks.base import Place, TargetPython

_SDIST_SUFFIXES: Final = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")
_SHA256: Final = re.compile(r"sha256[:=]([0-9a-fA-F]{64})")
_FILENAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!=-]*")
_FETCHABLE: Final = ("https", "http", "file")
_LONGEST: Final = 100
"""Of what is compared as a version."""
_SHOWN: Final = 6
"""How many file names an error lists."""


@dataclass(frozen=True)
class ListedFile:
    """A file that a lockfile lists for a package; ``hashes`` as in ``sha256:0a1b…``."""

    filename: str
    hashes: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True)
class LockedPackage:
    """A package at one version: with its files, or with digests alone."""

    name: str
    version: str
    place: Place
    files: tuple[ListedFile, ...] = ()
    hashes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def resolve(packages: Iterable[LockedPackage], target: TargetPython) -> tuple[Dependency, ...]:
    """Return what ``target`` needs of ``packages``, one file each, sorted by name.

    Raises LockError if a package is there twice in different versions, has no file for the
    target, or no SHA-256 digest.
    """
    by_name: dict[str, LockedPackage] = {}
    for package in packages:
        name = checked_name(package.name, package.place)
        _check_version(package)
        first = by_name.setdefault(name, package)
        if first.version != package.version:
            raise package.place.error(
                f"{name} is locked twice for {target}: {first.version} and {package.version}",
                tip="Lock again; if that gives the same, make the markers of the two exclusive.",
            )
    return tuple(_dependency(name, by_name[name], target) for name in sorted(by_name))


def checked_name(name: str, place: Place) -> str:
    """Return the normalised form of ``name``; raises LockError if it is none of a package."""
    try:
        return canonicalize_name(name, validate=True)
    except InvalidName:
        raise place.error(f"{name!r} is no name of a package", tip="Lock again.") from None


def _check_version(package: LockedPackage) -> None:
    version = package.version
    # An archive that is locked by its address may have none.
    if not version and package.files:
        return
    try:
        if len(version) <= _LONGEST:
            Version(version)
            return
    except InvalidVersion:
        pass
    what = f"{package.name}: {version[:_LONGEST]!r} is no version"
    raise package.place.error(what, tip="Lock again.")


def filename_of(url: str) -> str:
    """Return the name of the file that ``url`` addresses."""
    return unquote(url.partition("#")[0].partition("?")[0].rsplit("/", 1)[-1])


def choose(files: Sequence[ListedFile], package: LockedPackage, target: TargetPython) -> ListedFile:
    """Return the best wheel for ``target`` among ``files``, else the sdist.

    Raises LockError, saying what there is, if the package has neither.
    """
    wheels = []
    for file in files:
        try:
            _, _, build, tags = parse_wheel_filename(file.filename)
        except InvalidWheelFilename:
            continue
        wheels.append(((build, file.filename), file, tags))
    wheels.sort(key=lambda wheel: wheel[0], reverse=True)
    select = _selector(target)
    if best := next(select((file, tags) for _, file, tags in wheels), None):
        return best
    sdists = (file for file in files if file.filename.lower().endswith(_SDIST_SUFFIXES))
    if sdist := min(sdists, key=_sdist_rank, default=None):
        return sdist
    raise package.place.error(
        f"{package}: wheel not available for the platform ({target}), and there is no sdist; "
        f"the lockfile has {_listing(files, target)}",
        tip=f"Choose a Python version that {package.name} has a wheel for, or another version of "
        f"{package.name}, and lock again.",
    )


@cache
def _selector(target: TargetPython) -> Callable[..., Iterator[ListedFile]]:
    """Return what puts wheels into order; it looks at some hundred tags to begin with."""
    return create_compatible_tags_selector(target.tags())


def sha256_digests(hashes: Iterable[str], who: object, place: Place) -> tuple[str, ...]:
    """Return the SHA-256 digests among ``hashes``, in hex, sorted; at least one.

    Raises LockError if there is none: Nix and this tool use no other algorithm of a lockfile.
    """
    given = tuple(hashes)
    found = {match[1].lower() for text in given if (match := _SHA256.fullmatch(text))}
    if found:
        return tuple(sorted(found))
    if not given:
        raise place.error(f"{who} has no hash", tip="Lock again with a tool that writes hashes.")
    algorithms = ", ".join(sorted({re.split("[:=]", text)[0] for text in given}))
    raise place.error(
        f"{who} has no sha256 hash; it has {algorithms}",
        tip="Only sha256 is used; lock again against an index that gives it.",
    )


def _dependency(name: str, package: LockedPackage, target: TargetPython) -> Dependency:
    if package.hashes:
        digests = sha256_digests(package.hashes, package, package.place)
        return UnlocatedFile(name=name, version=package.version, sha256=digests)
    file = choose(package.files, package, target)
    if not _FILENAME.fullmatch(file.filename):
        raise package.place.error(
            f"{package}: {file.filename!r} is no file name", tip="Lock it from another address."
        )
    digests = sha256_digests(file.hashes, f"{package} ({file.filename})", package.place)
    if not file.url:
        return UnlocatedFile(
            name=name, version=package.version, sha256=digests, filename=file.filename
        )
    return LockedFile(
        name=name,
        version=package.version,
        filename=file.filename,
        url=_fetchable(file.url, package),
        sha256=digests[0],
    )


def _fetchable(url: str, package: LockedPackage) -> str:
    parts = split_address(url, package.place)
    if parts.scheme not in _FETCHABLE:
        raise package.place.error(
            f"{package}: {url} is no address to fetch from",
            tip="Lock it from an index, or from an https address with a hash.",
        )
    if "subdirectory=" in parts.fragment:
        raise package.place.error(
            f"{package}: a subdirectory of an archive is not supported",
            tip=f"Publish {package.name} as an archive of its own, or to an index.",
        )
    return parts._replace(fragment="").geturl()


def _sdist_rank(file: ListedFile) -> tuple[int, str]:
    name = file.filename.lower()
    return next(i for i, end in enumerate(_SDIST_SUFFIXES) if name.endswith(end)), file.filename


def _listing(files: Sequence[ListedFile], target: TargetPython) -> str:
    names = sorted(
        (file.filename for file in files),
        key=lambda name: (target.machine not in name, "linux" not in name, name),
    )
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN]) or "no file of it"
    return f"{shown} and {more} more" if more > 0 else shown
