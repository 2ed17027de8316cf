"""hop3-nix.lock of Node: the digests of tarballs, for a lockfile that has others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.own import FILE, REMEDY, OwnLock, read_own
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Integrity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.source import Source


class NodeLock(OwnLock):
    """The content of hop3-nix.lock."""

    node: dict[str, Integrity] = Field(description="Digest of each tarball, by name@version.")


class Weak(NamedTuple):
    """A tarball of which the lockfile has no digest that is worth anything.

    ``sha1`` is hexadecimal, or empty; ``url`` is empty if it is the registry's.
    """

    name: str
    version: str
    url: str
    sha1: str
    place: Place

    @property
    def pin(self) -> str:
        """Return it as hop3-nix.lock has it."""
        return f"{self.name}@{self.version}"


def known_digests(source: Source, weak: Sequence[Weak], remedy: str) -> Mapping[str, str]:
    """Return the digests, by name@version, of tarballs that a lockfile has only weak ones of.

    Raises LockError if there are such, and no hop3-nix.lock that is current. ``remedy`` is how
    the package manager itself would mend it.
    """
    if not weak:
        return {}
    if source.has(FILE):
        lock = read_own(NodeLock, LockText.of(source, FILE))
        lock.check(source)
        return lock.node
    first, *others = weak
    what = (
        "has no sha512 or sha256 integrity; it has sha1"
        if first.sha1
        else "has no integrity, so nothing says what it is"
    )
    more = f" ({len(others)} more are like it)" if others else ""
    raise first.place.error(
        f"{first.name} {first.version} {what}{more}",
        tip=f"Have what there is now written to {FILE}, and commit it: {REMEDY} (or build with "
        f"--lock). It is compared with the SHA-1.\nOr: {remedy}"
        if first.sha1
        else f"Have what the registry has written to {FILE}, and commit it: {REMEDY} (or build "
        f"with --lock).\nOr: {remedy}",
    )


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
