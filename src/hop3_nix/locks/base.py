"""What all readers share: the target, the place that an error names, and the result."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import SplitResult, urlsplit

from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.version import Version
from pydantic import Field

from hop3_nix.errors import LockError
from hop3_nix.plan import Dependency, Evidence, Frozen

_ODD: Final = re.compile(r"[\x00-\x20\x7f\\\"'`<>{}|^]")
"""What stands in no address (RFC 3986), and would mean something to what reads a line of it."""

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from packaging.markers import Marker


@dataclass(frozen=True)
class Place:
    """Where in the app's files something stands."""

    file: str
    line: int | None = None

    def error(self, message: str, *, tip: str) -> LockError:
        """Return the error to raise about what stands here."""
        return LockError(message, tip=tip, file=self.file, line=self.line)


def split_address(address: str, place: Place) -> SplitResult:
    """Return the parts of ``address``; raises LockError if it is none."""
    try:
        if not _ODD.search(address):
            return urlsplit(address)
    except ValueError:
        pass
    raise place.error(f"{address!r} is no address", tip="Lock again, from a server's address.")


class TargetPython(Frozen):
    """The interpreter and platform that files are chosen for; never the one that runs this."""

    version: str = Field(
        pattern=r"^\d+\.\d+\.\d+((a|b|rc)\d+)?$", description="Full version, such as 3.13.5."
    )
    implementation: Literal["cpython"] = "cpython"
    system: Literal["x86_64-linux", "aarch64-linux"]
    glibc: str = Field(
        pattern=r"^2\.\d+(\.\d+)?$", description="Version of its glibc, such as 2.41."
    )

    def __str__(self) -> str:
        return f"CPython {self.version} on {self.system} with glibc {self.glibc}"

    @property
    def release(self) -> tuple[int, int]:
        """Return the major and minor version."""
        version = Version(self.version)
        return version.major, version.minor

    @property
    def machine(self) -> str:
        """Return the processor, in the spelling of ``platform.machine()`` and of wheel tags."""
        return self.system.removesuffix("-linux")

    def marker_environment(self) -> dict[str, str]:
        """Return the variables of the dependency specifiers specification (PEP 508).

        The kernel is that of the host that will run the app, so its two variables are empty.
        """
        return {
            "implementation_name": self.implementation,
            "implementation_version": self.version,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.version,
            "python_version": ".".join(map(str, self.release)),
            "sys_platform": "linux",
        }

    def tags(self) -> tuple[Tag, ...]:
        """Return the wheel tags that the target accepts, the most specific first."""
        return _tags(self)

    def applies(self, marker: Marker | None, extras: Collection[str] = ()) -> bool:
        """Return whether ``marker`` holds when ``extras`` are asked for."""
        if marker is None:
            return True
        environment = self.marker_environment()
        return any(
            marker.evaluate(environment | {"extra": extra}) for extra in sorted(extras) or [""]
        )

    def satisfies(self, requires_python: SpecifierSet | str) -> bool:
        """Return whether ``requires_python`` (PEP 440) allows the target's version."""
        return SpecifierSet(str(requires_python)).contains(self.version, prereleases=True)


class LockedSet(Frozen):
    """What a lockfile pins for one target."""

    dependencies: tuple[Dependency, ...] = Field(description="Sorted by name.")
    build: tuple[Dependency, ...] = Field(
        default=(), description="What sdists and the project itself are built with, if it says."
    )
    files: tuple[str, ...] = Field(description="The app's files that were read for this.")
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def read_from(
        cls, dependencies: tuple[Dependency, ...], files: tuple[str, ...], target: TargetPython
    ) -> LockedSet:
        """Return the set that ``files``, the lockfile first, give ``target``."""
        reason = f"{files[0]} locks {len(dependencies)} packages for {target}"
        evidence = Evidence(choice="dependencies", reason=reason, file=files[0])
        return cls(dependencies=dependencies, files=files, evidence=(evidence,))


def wrong_python(target: TargetPython, who: str, requires: str, place: Place) -> LockError:
    """Return the error for ``who``, whose ``requires`` excludes the target's version."""
    return place.error(
        f"{who} needs Python {requires}, and the target is {target}",
        tip="Choose another Python version for the app, or lock again for this one.",
    )


def unknown(kind: str, name: str, known: Iterable[str], place: Place) -> LockError:
    """Return the error for an extra or a group that was asked for and is not there."""
    there = ", ".join(sorted(known)) or "none"
    return place.error(f"there is no {kind} {name!r}", tip=f"Those that there are: {there}.")


_OLDEST_GLIBC: Final = {"x86_64": 5, "aarch64": 17}
"""Minor version that manylinux begins with (PEP 513, PEP 599)."""

_LEGACY_NAMES: Final = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Names from before PEP 600, by the minor version of glibc they stand for."""


@cache
def _tags(target: TargetPython) -> tuple[Tag, ...]:
    interpreter = "cp{}{}".format(*target.release)
    platforms = list(_platforms(target))
    return (
        *cpython_tags(target.release, [interpreter], platforms),
        *compatible_tags(target.release, interpreter, platforms),
    )


def _platforms(target: TargetPython) -> Iterator[str]:
    machine = target.machine
    newest = Version(target.glibc).minor
    yield f"linux_{machine}"
    for minor in range(newest, _OLDEST_GLIBC[machine] - 1, -1):
        yield f"manylinux_2_{minor}_{machine}"
        if minor in _LEGACY_NAMES:
            yield f"{_LEGACY_NAMES[minor]}_{machine}"
