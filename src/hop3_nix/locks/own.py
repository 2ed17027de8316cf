"""hop3-nix.lock: our own lockfile, for what the files of an application leave open.

``hop3-nix lock`` writes it. What it says differs from language to language, each of which has a
model of its own; all hold good only as long as the files that they were made from are unchanged.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, Literal, Self, TypeVar

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.plan import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.errors import LockError
    from hop3_nix.locks.reading import LockText
    from hop3_nix.source import Source

FILE: Final = "hop3-nix.lock"
REMEDY: Final = "hop3-nix lock"
TIP: Final = f"Write it again: {REMEDY} (or build with --lock)"

_FORMAT: Final = 1


class OwnLock(Frozen):
    """What every hop3-nix.lock has."""

    format: Literal[1] = _FORMAT
    inputs: dict[str, str] = Field(
        description="SHA-256 of each file that it was made from, by its path in the app."
    )

    def to_json(self) -> str:
        """Return the text of hop3-nix.lock; equal locks, equal text."""
        data = self.model_dump(mode="json")
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def without_addresses(self) -> Self:
        """Return the lock with digests alone, for those whose registry differs from ours.

        That is the lock as it is, unless a language's has addresses.
        """
        return self

    def check(self, source: Source) -> None:
        """Raise LockError unless the files that this was made from are unchanged."""
        for file, digest in self.inputs.items():
            if not source.has(file):
                raise stale(f"{file}, from which {FILE} was written, is gone")
            if input_digests(source, [file])[file] != digest:
                raise stale(f"{file} changed since {FILE} was written")


Lock = TypeVar("Lock", bound=OwnLock)


def read_own(model: type[Lock], text: LockText) -> Lock:
    """Return the lock that ``text`` is; raises LockError if it is damaged or of a newer format."""
    data = text.json(TIP)
    number = data.get("format")
    if isinstance(number, int) and number > _FORMAT:
        raise text.containing('"format"').error(
            f"format {number}; this hop3-nix reads up to {_FORMAT}",
            tip=f"Upgrade hop3-nix, or write it again: {REMEDY}",
        )
    return text.model(model, data, TIP)


def input_digests(source: Source, files: Iterable[str]) -> dict[str, str]:
    """Return the hex SHA-256 of each of ``files``, for ``OwnLock.inputs``."""
    return {
        file: hashlib.sha256(source.read_text(file).encode()).hexdigest() for file in sorted(files)
    }


def stale(what: str) -> LockError:
    """Return the error for a lock that no longer holds good."""
    return Place(FILE).error(what, tip=TIP)
