"""What a project, or a package of its lockfile, asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hop3_nix.locks.python import poetry_versions
from hop3_nix.locks.reading import checked, marker_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from packaging.markers import Marker

    from hop3_nix.locks.base import Place, TargetPython


@dataclass(frozen=True)
class Wanted:
    """One requirement, in PEP 508's form or Poetry's."""

    name: str
    place: Place
    versions: str = ""
    extras: frozenset[str] = frozenset()
    markers: tuple[Marker, ...] = ()
    python: str = "*"
    optional: bool = False

    def __str__(self) -> str:
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        versions = "" if self.versions in {"", "*"} else f" {self.versions}"
        return f"{self.name}{extras}{versions}"

    def applies(self, target: TargetPython, extras: Collection[str] = ()) -> bool:
        """Return whether ``target`` needs this when ``extras`` of its owner are asked for."""
        return poetry_versions.allows(self.python, target.version) and all(
            target.applies(marker, extras) for marker in self.markers
        )

    def allows(self, version: str) -> bool:
        """Return whether ``version`` would do."""
        return poetry_versions.allows(self.versions or "*", version)


def requirement_of(text: str) -> Requirement:
    """Return ``text`` as a requirement whose marker can be evaluated; raises ValueError."""
    requirement = Requirement(text)
    if requirement.marker:
        checked(requirement.marker)
    return requirement


def from_requirement(text: str, place: Place) -> Wanted:
    """Return a requirement of PEP 508; raises LockError if it is none."""
    try:
        requirement = requirement_of(text)
    except ValueError as error:
        raise place.error(
            f"{text!r} is no requirement: {str(error).splitlines()[0]}",
            tip="Write it as in: name[extra]>=1.0; python_version < '3.12'",
        ) from error
    return Wanted(
        name=canonicalize_name(requirement.name),
        place=place,
        versions=str(requirement.specifier),
        extras=frozenset(map(canonicalize_name, requirement.extras)),
        markers=(requirement.marker,) if requirement.marker else (),
    )


def from_poetry(name: str, value: Any, place: Place) -> Iterator[Wanted]:
    """Yield what ``name = value`` of a Poetry dependency table asks for.

    ``value`` is a version constraint, a table, or a list of them. Raises LockError.
    """
    match value:
        case list():
            for alternative in value:
                yield from from_poetry(name, alternative, place)
        case str():
            yield _poetry(name, {"version": value}, place)
        case dict():
            yield _poetry(name, value, place)
        case _:
            raise place.error(
                f"{name}: neither a version nor a table", tip="See Poetry's documentation."
            )


def _poetry(name: str, table: dict[str, Any], place: Place) -> Wanted:
    markers = [str(table["markers"])] if "markers" in table else []
    if "platform" in table:
        markers.append(f"sys_platform == {str(table['platform'])!r}")
    wanted = Wanted(
        name=canonicalize_name(name),
        place=place,
        versions=str(table.get("version", "*")),
        extras=frozenset(map(canonicalize_name, table.get("extras", []))),
        markers=tuple(_marker(text, name, place) for text in markers),
        python=str(table.get("python", "*")),
        optional=bool(table.get("optional")),
    )
    for constraint in (wanted.versions, wanted.python):
        try:
            poetry_versions.checked(constraint)
        except ValueError as error:
            raise place.error(
                f"{name}: {constraint!r} is no version constraint", tip="Correct it and lock again."
            ) from error
    return wanted


def _marker(text: str, name: str, place: Place) -> Marker:
    try:
        return marker_of(text)
    except ValueError as error:
        raise place.error(f"{name}: {text!r} is no marker", tip="Correct it.") from error
