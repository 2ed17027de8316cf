"""Any of Debian's packages, by name: solved when an application's hop3.toml names it first.

``packages.json`` beside the lock holds which files each is made of, so that the same lock gives the
same store paths. `hop3-nix packages refresh` forgets it with the lock.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnavailableError, UnsupportedError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.statefile import read_state_file
from hop3_nix.packagesets.apt import DebFile
from hop3_nix.packagesets.debian_lock import REFRESH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from hop3_nix.packagesets.apt import Solution
    from hop3_nix.packagesets.debian_definition import Definition, Named
    from hop3_nix.packagesets.debian_lock import DebianLock, Solver

_FORMAT: Final = 1

_DEVELOPMENT: Final = re.compile(r".*-dev(-bin|-tools|-compat)?|.*multidev|.*-doc|.*-headers")
"""Packages that only a compiler needs, by Debian's names."""


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """A package with what it needs beyond the set's layers.

    ``runtime`` is what has to be there when a program runs, ``development`` what compiling takes
    beyond that: headers and what reads them.
    """

    runtime: tuple[DebFile, ...]
    development: tuple[DebFile, ...]


def solve_package(name: str, named: Named, solution: Solution, held: Held) -> DebianPackage:
    """Return ``name`` divided into what runs and what is only compiled with."""
    # What a layer has anyway may be named all the same: it is then there once more.
    needed = _walk({name}, solution, (held.development | set(named.drop)) - {name})
    if _DEVELOPMENT.fullmatch(name):
        roots = {package for package in needed if _is_library(package)}
    else:
        roots = {name}
    skipped = {package for package in solution.files if _DEVELOPMENT.fullmatch(package)} - roots
    runtime = _walk(roots, solution, (held.runtime | set(named.drop) | skipped) - {name})
    return DebianPackage(
        runtime=tuple(solution.files[package] for package in sorted(runtime)),
        development=tuple(solution.files[package] for package in sorted(needed - runtime)),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """The packages that the layers below have already."""

    runtime: frozenset[str]
    development: frozenset[str]

    @classmethod
    def by(cls, lock: DebianLock, definition: Definition) -> Held:
        """Return those of the layers that ``definition`` has named packages stand on."""

        def of(groups: Iterable[str]) -> frozenset[str]:
            names = {name for group in groups for name in (group, *definition.below(group))}
            return frozenset(file.package for name in names for file in lock.groups[name])

        named = definition.named
        return cls(of(named.on), of(named.development_on))


def _is_library(package: str) -> bool:
    is_program = package.endswith(("-bin", "-tools", "-utils", "-data", "-common"))
    return package.startswith("lib") and not is_program and not _DEVELOPMENT.fullmatch(package)


def _walk(roots: set[str], solution: Solution, left_out: frozenset[str] | set[str]) -> set[str]:
    found: set[str] = set()
    ahead = roots - left_out
    while ahead:
        found |= ahead
        needs = {need for package in ahead for need in solution.needs[package]}
        ahead = needs - found - left_out
    return found


def write_packages(
    file: Path, names: Iterable[str], lock: DebianLock, definition: Definition, apt: Solver
) -> None:
    """Write to ``file`` what those of ``names`` consist of that Debian has."""
    known = {}
    for name in sorted(set(names)):
        try:
            solution = apt.solve(definition.named.suite, [name])
        except UnsupportedError:
            continue  # whoever looks for the name says where it was given
        held = Held.by(lock, definition)
        known[name] = solve_package(name, definition.named, solution, held)
    data = {
        "format": _FORMAT,
        "definition": lock.definition,
        "packages": {name: asdict(package) for name, package in known.items()},
    }
    write_text_atomic(file, json.dumps(data, indent=1, sort_keys=True) + "\n")


def read_packages(file: Path, lock: DebianLock) -> dict[str, DebianPackage]:
    """Return what ``file`` holds for a set of this lock's definition.

    Raises UnavailableError if it is corrupt.
    """
    try:
        data = json.loads(read_state_file(file))
        if (data["format"], data["definition"]) != (_FORMAT, lock.definition):
            return {}
        packages: Mapping[str, Mapping[str, list[dict[str, str]]]] = data["packages"]
        return {
            name: DebianPackage(
                runtime=_files(package["runtime"]), development=_files(package["development"])
            )
            for name, package in packages.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnavailableError(
            "what Debian's packages consist of cannot be read", file=str(file), tip=REFRESH
        ) from error


def _files(data: list[dict[str, str]]) -> tuple[DebFile, ...]:
    return tuple(
        DebFile(
            package=file["package"],
            version=file["version"],
            archive=file["archive"],
            path=file["path"],
            size=int(file["size"]),
            sha256=file["sha256"],
        )
        for file in data
    )
