"""hop3-nix.lock: our own lockfile, for requirements that carry no hashes.

``hop3-nix lock`` writes it; it holds good for one interpreter and platform, and only as long as
the files that it was made from are unchanged.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, Literal

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from pydantic import Field, field_validator

from hop3_nix.locks.base import LockedSet, Place, TargetPython
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Dependency, Frozen, UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hop3_nix.errors import LockError
    from hop3_nix.source import Source

FILE: Final = "hop3-nix.lock"
REMEDY: Final = "hop3-nix lock"
_FORMAT: Final = 1


class HashLock(Frozen):
    """The content of hop3-nix.lock."""

    format: Literal[1] = 1
    inputs: dict[str, str] = Field(
        description="SHA-256 of each file that it was made from, by its path in the app."
    )
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

    def to_json(self) -> str:
        """Return the text of hop3-nix.lock; equal locks, equal text."""
        data = self.model_dump(mode="json")
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def without_addresses(self) -> HashLock:
        """Return the lock with digests alone, for those whose index differs from ours."""
        return self.model_copy(
            update={
                "packages": tuple(map(_without_address, self.packages)),
                "build": tuple(map(_without_address, self.build)),
            }
        )

    def check(self, source: Source) -> None:
        """Raise LockError unless the files that this was made from are unchanged."""
        for file, digest in self.inputs.items():
            if not source.has(file):
                raise _stale(f"{file}, from which {FILE} was written, is gone")
            if input_digests(source, [file])[file] != digest:
                raise _stale(f"{file} changed since {FILE} was written; run {REMEDY}")

    def check_target(
        self, target: TargetPython, extras: Collection[str] = (), groups: Collection[str] = ()
    ) -> None:
        """Raise LockError unless this was made for ``target`` and what is asked for.

        Another patch release of Python will do, and another glibc if the wheels allow it.
        """
        if (self.python.release, self.python.system) != (target.release, target.system):
            raise _stale(f"{FILE} was written for {self.python}, and the target is {target}")
        for kind, ours, asked in (
            ("extras", self.extras, extras),
            ("groups", self.groups, groups),
        ):
            if set(map(canonicalize_name, ours)) != set(map(canonicalize_name, asked)):
                raise _stale(
                    f"{FILE} was written for the {kind} {_names(ours)}, not {_names(asked)}"
                )
        for file in (*self.packages, *self.build):
            try:
                _, _, _, tags = parse_wheel_filename(file.filename)
            except InvalidWheelFilename:
                continue
            if tags.isdisjoint(target.tags()):
                raise _stale(f"{file.filename}: wheel not available for the platform ({target})")


def input_digests(source: Source, files: Iterable[str]) -> dict[str, str]:
    """Return the hex SHA-256 of each of ``files``, for ``HashLock.inputs``."""
    return {
        file: hashlib.sha256(source.read_text(file).encode()).hexdigest() for file in sorted(files)
    }


def parse(text: str, file: str = FILE) -> HashLock:
    """Return the lock that ``text``, the content of ``file``, is; raises LockError."""
    lock_text = LockText(file, text)
    data = lock_text.json(f"Write it again: {REMEDY}")
    number = data.get("format")
    if isinstance(number, int) and number > _FORMAT:
        raise lock_text.containing('"format"').error(
            f"format {number}; this hop3-nix reads up to {_FORMAT}",
            tip=f"Upgrade hop3-nix, or write it again: {REMEDY}",
        )
    return lock_text.model(HashLock, data, f"Write it again: {REMEDY}")


def load(source: Source) -> HashLock:
    """Return the app's hop3-nix.lock; raises LockError if it is wrong or stale."""
    lock = parse(source.read_text(FILE))
    lock.check(source)
    return lock


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


def _stale(what: str) -> LockError:
    return Place(FILE).error(what, tip=f"Write it again: {REMEDY} (or build with --lock)")


def _names(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "(none)"
