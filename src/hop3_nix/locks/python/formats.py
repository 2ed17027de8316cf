"""The lockfile formats, in the order of what their hashes are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from hop3_nix.locks import hashlock, own
from hop3_nix.locks.python import pdm, pipfile, poetry, pylock, requirements, uv

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.locks.base import LockedSet, TargetPython
    from hop3_nix.source import Source


class Read(Protocol):
    """A format's reader."""

    def __call__(
        self,
        source: Source,
        file: str,
        target: TargetPython,
        *,
        extras: Collection[str] = (),
        groups: Collection[str] = (),
    ) -> LockedSet:
        """Return what ``file`` pins for ``target``; raises LockError."""


class Recognise(Protocol):
    """A test beyond the presence of the file."""

    def __call__(self, source: Source, file: str) -> bool:
        """Return whether ``file`` of ``source`` is of the format; raises LockError."""


@dataclass(frozen=True)
class LockFormat:
    """A lockfile format: the name of its file, its reader and how to write it anew."""

    file: str
    reader: Read
    remedy: str
    recognise: Recognise | None = None

    def matches(self, source: Source) -> bool:
        """Return whether ``source`` has a lockfile of this format; raises LockError."""
        if not source.has(self.file):
            return False
        return self.recognise is None or self.recognise(source, self.file)

    def read(
        self,
        source: Source,
        target: TargetPython,
        *,
        extras: Collection[str] = (),
        groups: Collection[str] = (),
    ) -> LockedSet:
        """Return what the lockfile of ``source`` pins for ``target``; raises LockError."""
        return self.reader(source, self.file, target, extras=extras, groups=groups)


FORMATS: Final = (
    LockFormat("uv.lock", uv.read, uv.REMEDY),
    LockFormat("poetry.lock", poetry.read, poetry.REMEDY),
    LockFormat("pdm.lock", pdm.read, pdm.REMEDY),
    LockFormat("pylock.toml", pylock.read, pylock.REMEDY),
    LockFormat("Pipfile.lock", pipfile.read, pipfile.REMEDY),
    LockFormat("requirements.txt", requirements.read, requirements.REMEDY, requirements.has_hashes),
    LockFormat(own.FILE, hashlock.read, own.REMEDY),
)


def find(source: Source) -> LockFormat | None:
    """Return the format of the lockfile to use, the best first, or None if there is none.

    A hop3-nix.lock beside another lockfile only adds build requirements (``hashlock.read``).
    Raises LockError if an included requirements file cannot be found.
    """
    return next((found for found in FORMATS if found.matches(source)), None)
