"""Pipfile.lock (pipfile-spec 6): digests, without file names or addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from hop3_nix.locks.base import LockedSet, Place, TargetPython, unknown, wrong_python
from hop3_nix.locks.python.current import check_current
from hop3_nix.locks.python.packages import ListedFile, LockedPackage, filename_of, resolve
from hop3_nix.locks.python.wanted import Wanted, from_poetry
from hop3_nix.locks.reading import LockText, MarkerText, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hop3_nix.source import Source

REMEDY: Final = "Lock again: pipenv lock"
_SPEC: Final = 6
_MAIN: Final = "default"
_NATIVE: Final = "Pipfile"


class _Entry(Table):
    version: str = ""
    hashes: tuple[str, ...] = ()
    markers: MarkerText | None = None
    file: str = ""
    git: str = ""
    path: str = ""


class _Requires(Table):
    python_version: str = ""
    python_full_version: str = ""


class _Meta(Table):
    spec: int = Field(alias="pipfile-spec")
    requires: _Requires = _Requires()


class _Category(Table):
    entries: dict[str, _Entry]


def read(
    source: Source,
    file: str,
    target: TargetPython,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> LockedSet:
    """Return the default packages for ``target``, and those of the categories ``groups``.

    Raises LockError.
    """
    text = LockText.of(source, file)
    data = text.json(REMEDY)
    meta = text.model(_Meta, data.get("_meta", {}), REMEDY)
    _check_meta(meta, target, text)
    for extra in extras:
        raise unknown("extra", extra, (), Place(file))
    packages: list[LockedPackage] = []
    for category in dict.fromkeys((_MAIN, *groups)):
        if category not in data:
            known = [name for name in data if name not in {"_meta", _MAIN}]
            raise unknown("category", category, known, Place(file))
        packages += _packages(data[category], text, target)
    dependencies = resolve(packages, target)
    native = (_NATIVE,) if source.has(_NATIVE) else ()
    if native:
        wanted = _wanted(LockText.of(source, _NATIVE), target)
        check_current(wanted, dependencies, target, lock=file, remedy=REMEDY)
    return LockedSet.read_from(dependencies, (file, *native), target)


def _check_meta(meta: _Meta, target: TargetPython, text: LockText) -> None:
    if meta.spec != _SPEC:
        raise text.containing("pipfile-spec").error(
            f"format {meta.spec}; this hop3-nix reads {_SPEC}", tip="Lock with a current Pipenv."
        )
    requires = meta.requires.python_full_version or meta.requires.python_version
    if requires and not re.fullmatch(r"[0-9]+(\.[0-9]+)*", requires):
        raise text.containing('"requires"').error(
            f"{requires!r} is no version of Python", tip=REMEDY
        )
    if requires and not target.satisfies(f"=={requires}.*"):
        raise wrong_python(target, "the project", requires, text.containing('"requires"'))


def _packages(data: Any, text: LockText, target: TargetPython) -> Iterator[LockedPackage]:
    category = text.model(_Category, {"entries": data}, REMEDY)
    places = text.places(r'"([^"\n]*)": \{')
    for name, entry in category.entries.items():
        if not target.applies(entry.markers):
            continue
        place = places.get(name, Place(text.file))
        if entry.git or entry.path:
            raise place.error(
                f"{name} comes from {entry.git or entry.path}, which no hash of a file pins",
                tip=f"Publish {name}, or lock it from an archive: its https address.",
            )
        if entry.file:
            files = (ListedFile(filename_of(entry.file), entry.hashes, entry.file),)
            yield LockedPackage(name, entry.version.removeprefix("=="), place, files)
            continue
        if not entry.version.startswith("==") or not entry.hashes:
            raise place.error(
                f"{name} is not pinned (version {entry.version!r}, {len(entry.hashes)} hashes)",
                tip=f'If {name} is for another platform only, give it markers = "..." in the '
                f"Pipfile. {REMEDY}",
            )
        version = entry.version.removeprefix("==")
        yield LockedPackage(name, version, place, hashes=entry.hashes)


def _wanted(text: LockText, target: TargetPython) -> Iterator[Wanted]:
    """Yield what ``[packages]`` of the Pipfile asks for; its forms are nearly Poetry's.

    A marker can be written by the name of its variable: ``sys_platform = "== 'linux'"``.
    """
    variables = target.marker_environment().keys()
    for name, value in (text.toml("Correct the Pipfile.").get("packages") or {}).items():
        table = dict(value) if isinstance(value, dict) else {"version": value}
        markers = [f"{key} {table.pop(key)}" for key in variables & table.keys()]
        if markers:
            markers += [f"({table['markers']})"] if "markers" in table else []
            table["markers"] = " and ".join(markers)
        yield from from_poetry(name, table, text.key("packages", name))
