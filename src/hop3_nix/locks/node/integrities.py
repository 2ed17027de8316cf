"""hop3-nix.lock of Node: the digests of tarballs, for a lockfile that has others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.own import FILE, REMEDY, OwnLock, read_own
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Integrity

if TYPE_CHECKING:
    from hop3_nix.source import Source


class NodeLock(OwnLock):
    """The content of hop3-nix.lock."""

    node: dict[str, Integrity] = Field(description="Digest of each tarball, by name@version.")


def read_integrities(source: Source, lockfile: str) -> dict[str, str]:
    """Return the digests by name@version. Raises LockError if there are none, or stale ones."""
    if not source.has(FILE):
        raise Place(lockfile).error(
            "has no digests of tarballs, but of Yarn's own archives, which no registry has",
            tip=f"Write them to {FILE} and commit it: {REMEDY} (or build with --lock)",
        )
    lock = read_own(NodeLock, LockText.of(source, FILE))
    lock.check(source)
    return lock.node
