"""composer.lock: the packages that composer has chosen, and where their archives are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, Field

from hop3_nix.locks.base import Place, split_address
from hop3_nix.locks.reading import LockText, Table
from hop3_nix.locks.refusals import from_repository, from_tree

if TYPE_CHECKING:
    from hop3_nix.source import Source

FILE: Final = "composer.lock"
MANIFEST: Final = "composer.json"
RELOCK: Final = "Write it again: composer update --lock"

ARCHIVES: Final = ("zip", "tar")
"""Kinds of archives that composer unpacks; ``tar`` stands for compressed ones as well."""


def _map(value: object) -> object:
    # PHP writes a map without entries as a list.
    return {} if value == [] else value


Requirements = Annotated[dict[str, str], BeforeValidator(_map)]


class Dist(Table):
    """An archive; ``shasum`` is the SHA-1 of its file, empty for those that are made when asked."""

    type: str
    url: str
    shasum: str | None = ""


class Package(Table):
    """A package, at the version and the archive that composer has chosen."""

    name: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?/[A-Za-z0-9_.-]+$")
    version: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+#@-]*(/[A-Za-z0-9][A-Za-z0-9_.+#@-]*)*$"
    )
    type: str = "library"
    dist: Dist | None = None
    require: Requirements = Field(default={})
    provide: Requirements = Field(default={})
    replace: Requirements = Field(default={})

    @property
    def provides(self) -> tuple[str, ...]:
        """Return what it stands for beside itself."""
        return (*self.provide, *self.replace)

    @property
    def filename(self) -> str:
        """Return the name of its archive here, as fill_cache.php has it as well."""
        kind = self.dist.type if self.dist else ""
        return f"{self.name.replace('/', '--')}-{self.version}.{kind}"


class ComposerLock(Table):
    """What hop3-nix reads of a composer.lock."""

    packages: tuple[Package, ...]
    platform: Requirements = Field(default={})

    @property
    def names(self) -> frozenset[str]:
        """Return the names of what is installed in production."""
        return frozenset(package.name.lower() for package in self.packages)


def read(source: Source) -> ComposerLock:
    """Return the composer.lock of ``source``. Raises LockError if it is damaged."""
    text = LockText.of(source, FILE)
    data: dict[str, Any] = text.json(RELOCK)
    return text.model(ComposerLock, data, RELOCK)


def archives(source: Source, lock: ComposerLock) -> tuple[tuple[Package, Dist, Place], ...]:
    """Return the packages with what is fetched for them, and where they stand.

    Raises LockError for one that no archive is locked for.
    """
    text = LockText.of(source, FILE)
    places = text.places(r'"name": "([^"\n]*)"')
    found = []
    for package in lock.packages:
        if package.type == "metapackage":
            continue
        place = places.get(package.name, Place(FILE))
        dist = package.dist
        if dist is None:
            raise from_repository(
                package.name,
                place,
                tip="Lock it with an archive: take preferred-install source out of "
                f"{MANIFEST}, and lock again; or commit vendor/ with the application.",
            )
        if dist.type == "path":
            raise from_tree(package.name, dist.url, place)
        if dist.type not in ARCHIVES:
            raise place.error(
                f"{package.name} is a {dist.type} archive, which is not supported",
                tip=f"There are: {', '.join(ARCHIVES)}. Or commit vendor/ with the application.",
            )
        if split_address(dist.url, place).scheme not in {"http", "https"}:
            raise place.error(
                f"{package.name} is at {dist.url!r}, which is no address of a web server",
                tip="Lock it from a repository that has archives.",
            )
        found.append((package, dist, place))
    return tuple(found)
