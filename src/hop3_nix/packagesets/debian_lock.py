"""The lock of the Debian package set: which .deb files each of its groups is made of."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from hop3_nix.errors import UnavailableError
from hop3_nix.packagesets.apt import DebFile
from hop3_nix.resources import NIX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.packagesets.apt import Solution

LOCK_FORMAT: Final = 1

REFRESH: Final = "Run: hop3-nix packages refresh"


@dataclass(frozen=True, slots=True)
class Group:
    """One layer of the set, as groups.json defines it: what it adds to those it is ``on``."""

    name: str
    suite: str
    roots: tuple[str, ...]
    on: tuple[str, ...]
    drop: tuple[str, ...]
    python: str
    """The Debian package of the interpreter that the group holds, or nothing."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What the set consists of; ``digest`` changes with anything that the lock depends on.

    ``attributes`` are the names that the set offers, those of nixpkgs.
    """

    groups: tuple[Group, ...]
    seed_suite: str
    seed_package: str
    attributes: tuple[str, ...]
    digest: str

    @property
    def suites(self) -> tuple[str, ...]:
        """Return the Debian suites that the groups come from, each once."""
        return tuple(dict.fromkeys(group.suite for group in self.groups))

    def roots_of(self, suite: str) -> tuple[str, ...]:
        """Return the roots of all groups of ``suite``, each once."""
        roots = (root for group in self.groups if group.suite == suite for root in group.roots)
        return tuple(dict.fromkeys(roots))


@dataclass(frozen=True, slots=True)
class Seed:
    """The static busybox that unpacks all else: a store path and the SHA256 of its NAR."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DebianLock:
    """Everything that the Nix expression needs to know, and ``target()`` as well.

    ``suites`` maps a suite to the date of its index, ISO 8601; ``groups`` a group to its files.
    """

    system: str
    definition: str
    suites: Mapping[str, str]
    seed: Seed
    groups: Mapping[str, tuple[DebFile, ...]]

    def version_of(self, group: str, package: str) -> str:
        """Return the upstream version of ``package`` in ``group`` (Debian Policy 5.6.12)."""
        for file in self.groups[group]:
            if file.package == package:
                return re.split(r"[-+~]", file.version.rpartition(":")[2], maxsplit=1)[0]
        raise KeyError(package)

    def to_json(self) -> str:
        """Return the text of lock.json; equal locks, equal text."""
        data = {"format": LOCK_FORMAT, **asdict(self)}
        return json.dumps(data, indent=1, sort_keys=True) + "\n"


class Solver(Protocol):
    """What `Apt` is to a lock."""

    def solve(self, suite: str, packages: Sequence[str]) -> Solution:
        """Return what ``packages`` need, themselves included."""


def read_definition(directory: Path = NIX / "debian") -> Definition:
    """Return what this version of the set consists of."""
    data = json.loads((directory / "groups.json").read_bytes())
    groups = tuple(
        Group(
            name=name,
            suite=group["suite"],
            roots=tuple(group["roots"]),
            on=tuple(group.get("on", ())),
            drop=tuple(sorted({*data["drop"], *group.get("drop", ())})),
            python=group.get("python", ""),
        )
        for name, group in data["groups"].items()
    )
    seed = (data["seed"]["suite"], data["seed"]["package"])
    return Definition(
        groups=groups,
        seed_suite=seed[0],
        seed_package=seed[1],
        attributes=tuple(json.loads((directory / "attributes.json").read_bytes())),
        digest=hashlib.sha256(repr((seed, groups)).encode()).hexdigest(),
    )


def solve_groups(definition: Definition, apt: Solver) -> dict[str, tuple[DebFile, ...]]:
    """Return the files of every group: the closure of its roots without what lies below it.

    What a group drops is left out while walking, and so is what only that needs.
    Raises UnsupportedError if a suite lacks a package.
    """
    solutions = {suite: apt.solve(suite, definition.roots_of(suite)) for suite in definition.suites}
    held: dict[str, frozenset[str]] = {}
    solved: dict[str, tuple[DebFile, ...]] = {}
    for group in definition.groups:
        solution = solutions[group.suite]
        below = frozenset[str]().union(*(held[lower] for lower in group.on))
        left_out = below | set(group.drop)
        own: set[str] = set()
        ahead = set(group.roots)
        while ahead:
            own |= ahead
            needed = {name for package in ahead for name in solution.needs[package]}
            ahead = needed - own - left_out
        held[group.name] = below | own
        solved[group.name] = tuple(solution.files[name] for name in sorted(own))
    return solved


def read_lock(path: Path) -> DebianLock | None:
    """Return the lock at ``path``, or None if there is none.

    Raises UnavailableError if it is corrupt or of a newer format.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        found = data.pop("format")
        if found != LOCK_FORMAT:
            raise UnavailableError(
                f"the lock of the Debian package set has format {found}; "
                f"this hop3-nix reads {LOCK_FORMAT}",
                file=str(path),
                tip=REFRESH,
            )
        return DebianLock(
            system=data["system"],
            definition=data["definition"],
            suites=data["suites"],
            seed=Seed(**data["seed"]),
            groups={
                name: tuple(DebFile(**file) for file in files)
                for name, files in data["groups"].items()
            },
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnavailableError(
            "the lock of the Debian package set cannot be read", file=str(path), tip=REFRESH
        ) from error
