"""The lock of the Debian package set: which .deb files each of its groups is made of."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from hop3_nix.errors import UnavailableError
from hop3_nix.host.statefile import read_state_file
from hop3_nix.packagesets.apt import DebFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.packagesets.apt import Solution
    from hop3_nix.packagesets.debian_definition import Definition

LOCK_FORMAT: Final = 1

REFRESH: Final = "Run: hop3-nix packages refresh"


@dataclass(frozen=True, slots=True)
class Seed:
    """A static program that is there before all else: a store path and the SHA256 of its NAR."""

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
    shell: Seed | None = None
    """The /bin/sh of builds. No derivation has it, so that locks without are given one."""

    def version_of(self, group: str, package: str) -> str:
        """Return the version of ``package`` in ``group`` as the program itself prints it."""
        for file in self.groups[group]:
            if file.package == package:
                return upstream_version(file.version)
        raise KeyError(package)

    def to_json(self) -> str:
        """Return the text of lock.json; equal locks, equal text."""
        data = {"format": LOCK_FORMAT, **asdict(self)}
        return json.dumps(data, indent=1, sort_keys=True) + "\n"


def upstream_version(version: str) -> str:
    """Return what upstream calls a package's ``version`` (Debian Policy 5.6.12).

    The epoch and Debian's revision go, and so does what tells of repacked archives (``+dfsg``,
    ``.dfsg``, ``+ds``). After a step back the version is what stands behind ``really``
    (Developer's Reference 5.11.2).
    """
    upstream = version.partition(":")[2] or version
    upstream = upstream.rpartition("-")[0] or upstream
    upstream = upstream.rpartition("really")[2]
    return re.split(r"[+~-]|\.(?:dfsg|ds)", upstream, maxsplit=1)[0]


class Solver(Protocol):
    """What `Apt` is to a lock."""

    def solve(self, suite: str, packages: Sequence[str]) -> Solution:
        """Return what ``packages`` need, themselves included."""


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
        data: dict[str, Any] = json.loads(read_state_file(path))
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
            shell=Seed(**data["shell"]) if data.get("shell") else None,
            groups={
                name: tuple(DebFile(**file) for file in files)
                for name, files in data["groups"].items()
            },
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnavailableError(
            "the lock of the Debian package set cannot be read", file=str(path), tip=REFRESH
        ) from error
