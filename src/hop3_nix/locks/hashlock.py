"""hop3-nix.lock of Python: for requirements that carry no hashes.

It holds good for one interpreter and platform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from pydantic import Field, field_validator

from hop3_nix.locks.base import LockedSet, TargetPython
from hop3_nix.locks.own import FILE, OwnLock, read_own, stale
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Dependency, UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.source import Source


class HashLock(OwnLock):
    """The content of hop3-nix.lock."""

    python: TargetPython
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    packages: tuple[Dependency, ...] = ()
    build: tuple[Dependency, ...] = Field(
        default=(), description="What sdists, and the project itself, are built with."
    )

    @field_validator("packages", "build")
    @classmethod
    def _sorted(cls, files: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
        return tuple(sorted(files, key=lambda file: (canonicalize_name(file.name), file.filename)))

    def without_addresses(self) -> Self:
        """Return the lock with digests alone, for those whose index differs from ours."""
        return self.model_copy(
            update={
                "packages": tuple(map(_without_address, self.packages)),
                "build": tuple(map(_without_address, self.build)),
            }
        )

    def check_target(
        self, target: TargetPython, extras: Collection[str] = (), groups: Collection[str] = ()
    ) -> None:
        """Raise LockError unless this was made for ``target`` and what is asked for.

        Another patch release of Python will do, and another glibc if the wheels allow it.
        """
        if (self.python.release, self.python.system) != (target.release, target.system):
            raise stale(f"{FILE} was written for {self.python}, and the target is {target}")
        for kind, ours, asked in (
            ("extras", self.extras, extras),
            ("groups", self.groups, groups),
        ):
            if set(map(canonicalize_name, ours)) != set(map(canonicalize_name, asked)):
                raise stale(
                    f"{FILE} was written for the {kind} {_names(ours)}, not {_names(asked)}"
                )
        for file in (*self.packages, *self.build):
            try:
                _, _, _, tags = parse_wheel_filename(file.filename)
            except InvalidWheelFilename:
                continue
            if tags.isdisjoint(target.tags()):
                raise stale(f"{file.filename}: wheel not available for the platform ({target})")


def parse(text: str, file: str = FILE) -> HashLock:
    """Return the lock that ``text``, the content of ``file``, is; raises LockError."""
    return read_own(HashLock, LockText(file, text))


def read(
    source: Source,
    file: str,
    target: TargetPython,
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> LockedSet:
    """Return what the lock has; raises LockError if it is stale or for another target."""
    lock = parse(source.read_text(file), file)
    lock.check(source)
    lock.check_target(target, extras, groups)
    found = LockedSet.read_from(lock.packages, (file, *lock.inputs), target)
    return found.model_copy(update={"build": lock.build})


def _without_address(file: Dependency) -> UnlocatedFile:
    if isinstance(file, UnlocatedFile):
        return file
    return UnlocatedFile(
        name=file.name, version=file.version, filename=file.filename, sha256=(file.sha256,)
    )


def _names(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "(none)"
