"""hop3-nix.lock for Node: the digests of tarballs, for a lockfile that has others.

It is bound to the lockfile that it was made for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.hashlock import FILE, REMEDY, input_digests
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Frozen, Integrity

if TYPE_CHECKING:
    from hop3_nix.source import Source

TIP: Final = f"Write it again: {REMEDY} (or build with --lock)"


class NodeLock(Frozen):
    """The content of hop3-nix.lock."""

    format: Literal[1] = 1
    inputs: dict[str, str] = Field(
        description="SHA-256 of each file that it was made from, by its path in the app."
    )
    node: dict[str, Integrity] = Field(description="Digest of each tarball, by name@version.")

    def to_json(self) -> str:
        """Return the text of hop3-nix.lock; equal locks, equal text."""
        data = self.model_dump(mode="json")
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def without_addresses(self) -> NodeLock:
        """Return the lock as it is, as it has no addresses."""
        return self


def read_integrities(source: Source, lockfile: str) -> dict[str, str]:
    """Return the digests by name@version. Raises LockError if there are none, or stale ones."""
    if not source.has(FILE):
        raise Place(lockfile).error(
            "has no digests of tarballs, but of Yarn's own archives, which no registry has",
            tip=f"Write them to {FILE} and commit it: {REMEDY} (or build with --lock)",
        )
    text = LockText.of(source, FILE)
    lock = text.model(NodeLock, text.json(TIP), TIP)
    for file, digest in lock.inputs.items():
        if not source.has(file) or input_digests(source, [file])[file] != digest:
            raise Place(FILE).error(f"{file} changed since {FILE} was written", tip=TIP)
    return lock.node
