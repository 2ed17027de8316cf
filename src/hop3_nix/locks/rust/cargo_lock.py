"""Cargo.lock: which crates, each by the SHA-256 of its file, and which packages are in the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.reading import LockText, Table
from hop3_nix.locks.refusals import from_repository
from hop3_nix.plan import UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.source import Source

FILE: Final = "Cargo.lock"

CRATES_IO: Final = "registry+https://github.com/rust-lang/crates.io-index"
"""What every Cargo.lock calls the registry that is cargo's own, wherever its files come from."""

_NEWEST: Final = 4
_REMEDY: Final = "Have cargo write the file again: cargo generate-lockfile"
_VENDOR: Final = (
    "Keep all crates with the application: cargo vendor, and put what it prints into "
    ".cargo/config.toml"
)


class _Package(Table):
    name: str
    version: str
    source: str = ""
    checksum: str = ""
    dependencies: tuple[str, ...] = ()


class _File(Table):
    version: int = 1
    package: tuple[_Package, ...] = ()
    metadata: dict[str, str] = Field(default={})


@dataclass(frozen=True)
class CargoLock:
    """What the lockfile has: files of crates, and the packages that are in the tree."""

    crates: tuple[UnlocatedFile, ...]
    local: tuple[str, ...]
    """The application's own packages, each as ``name@version``."""
    needs: Mapping[str, frozenset[str]]
    """The names that any version of a package depends on."""
    shared: frozenset[str]
    """Those of its own that a crate of others depends on, which is so where one is patched."""


def read_lock(source: Source, *, vendored: bool = False) -> CargoLock:
    """Return what Cargo.lock pins; of a ``vendored`` application, no crate is fetched.

    Raises LockError if there is none, or for a crate that no digest pins.
    """
    if not source.has(FILE):
        raise Place(FILE).error(
            "there is none, so that nothing pins the crates",
            tip="Write it and commit it, and see that no .gitignore has it: "
            "cargo generate-lockfile",
        )
    text = LockText.of(source, FILE)
    data = _read(text)
    needs: dict[str, frozenset[str]] = {}
    for package in data.package:
        names = frozenset(each.partition(" ")[0] for each in package.dependencies)
        needs[package.name] = needs.get(package.name, frozenset()) | names
    local = [package for package in data.package if not package.source]
    return CargoLock(
        crates=() if vendored else tuple(_crates(data, text)),
        local=tuple(f"{package.name}@{package.version}" for package in local),
        needs=needs,
        shared=frozenset(package.name for package in local).intersection(*[_reached(data, needs)]),
    )


def crates_of(text: LockText) -> tuple[UnlocatedFile, ...]:
    """Return the crates that ``text``, of a Cargo.lock, pins. Raises LockError."""
    return tuple(_crates(_read(text), text))


def _read(text: LockText) -> _File:
    data = text.model(_File, text.toml(_REMEDY), _REMEDY)
    if data.version > _NEWEST:
        raise text.key("version").error(
            f"version {data.version}; this hop3-nix reads up to {_NEWEST}",
            tip="Upgrade hop3-nix, or lock with an older cargo.",
        )
    return data


def _reached(data: _File, needs: Mapping[str, frozenset[str]]) -> set[str]:
    """Return all that crates of others depend on, at once or at last."""
    found: set[str] = set()
    ahead = {name for each in data.package if each.source for name in needs[each.name]}
    while ahead:
        found |= ahead
        ahead = {name for each in ahead for name in needs.get(each, ())} - found
    return found


def _crates(data: _File, text: LockText) -> Iterator[UnlocatedFile]:
    for number, package in enumerate(data.package):
        if not package.source:
            continue
        place = text.entry("package", number)
        named = f"{package.name} {package.version}"
        if package.source.startswith("git+"):
            address = package.source.removeprefix("git+")
            raise from_repository(named, place, where=address.partition("#")[0], tip=_VENDOR)
        if package.source != CRATES_IO:
            raise place.error(
                f"{named} is of another registry ({package.source}), which is not supported",
                tip=_VENDOR,
            )
        # Before cargo 1.53, all checksums stood at the end.
        checksum = package.checksum or data.metadata.get(f"checksum {named} ({CRATES_IO})", "")
        if not checksum:
            raise place.error(f"{named} has no checksum", tip=_REMEDY)
        yield UnlocatedFile(
            name=package.name,
            version=package.version,
            sha256=(checksum,),
            filename=f"{package.name}-{package.version}.crate",
        )
