"""hop3-nix.lock of Java: the files that Maven takes from repositories, and Maven itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.java.pom import POM, pom_files
from hop3_nix.locks.own import FILE, REMEDY, OwnLock, read_own, stale
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Frozen, UnlocatedFile

if TYPE_CHECKING:
    from hop3_nix.source import Source

_NAME: Final = r"[A-Za-z0-9@_][A-Za-z0-9@._+~-]*"
_PARTS: Final = 4
"""A path in a repository has a group, an artifact, a version and a file."""


class Resolved(Frozen):
    """What the recorded build has taken, and what that depends on."""

    jdk: str = Field(description="Release of the JDK, such as 21.")
    maven: Annotated[str, Field(pattern=rf"^{_NAME}(/{_NAME})+$")] = Field(
        description="Path of Maven itself, which is one of the files."
    )
    tomcat: str = Field(default="", description="Path of Tomcat, if that is what runs it.")
    commands: tuple[str, ...] = Field(description="What was run.")
    files: dict[
        Annotated[str, Field(pattern=rf"^{_NAME}(/{_NAME})+$")],
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")],
    ] = Field(description="SHA-256 of each file, by its path in a repository.")


class JavaLock(OwnLock):
    """The content of hop3-nix.lock."""

    java: Resolved


def read_resolved(source: Source, jdk: str, commands: tuple[str, ...]) -> Resolved:
    """Return what the lock has. Raises LockError if there is none, or none for this build."""
    if not source.has(FILE):
        raise Place(POM).error(
            f"what a build takes from repositories is not locked: Maven locks nothing, and there "
            f"is no {FILE}",
            tip=f"Have it written, and commit it: {REMEDY} (or build with --lock)",
        )
    lock = read_own(JavaLock, LockText.of(source, FILE))
    lock.check(source)
    added = [file for file in pom_files(source) if file not in lock.inputs]
    if added:
        raise stale(f"{added[0]} is not one of those that {FILE} was written from")
    found = lock.java
    if found.jdk != jdk:
        raise stale(f"{FILE} was written with JDK {found.jdk}, and the build has JDK {jdk}")
    if found.commands != commands:
        raise stale(
            f"{FILE} was written for {' and '.join(found.commands)}, and the build is "
            f"{' and '.join(commands)}"
        )
    for path in filter(None, (found.maven, found.tomcat)):
        if path not in found.files:
            raise stale(f"{FILE} does not have {path}")
    return found


def pinned_files(resolved: Resolved) -> tuple[UnlocatedFile, ...]:
    """Return the files with their digests."""
    return tuple(
        UnlocatedFile(name=_name(path), version=_version(path), filename=path, sha256=(digest,))
        for path, digest in sorted(resolved.files.items())
    )


def _name(path: str) -> str:
    parts = path.split("/")
    if len(parts) < _PARTS:
        return path
    return f"{'.'.join(parts[:-3])}:{parts[-3]}"


def _version(path: str) -> str:
    return path.split("/")[-2]
