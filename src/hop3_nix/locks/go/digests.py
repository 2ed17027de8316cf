"""hop3-nix.lock of Go: the digests of files, since those of go.sum are of none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.go.gosum import SUM, path_of
from hop3_nix.locks.own import FILE, REMEDY, OwnLock, read_own, stale
from hop3_nix.locks.reading import LockText
from hop3_nix.plan import Frozen, UnlocatedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.locks.go.gosum import Wanted
    from hop3_nix.source import Source


class Digests(Frozen):
    """The digest of a file, and the one that go.sum has for it."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    h1: str


class GoLock(OwnLock):
    """The content of hop3-nix.lock; that it is current, each entry's h1 tells."""

    go: dict[str, Digests] = Field(description="By the path that a module proxy has the file at.")


def pinned_files(source: Source, needed: Mapping[Wanted, str]) -> tuple[UnlocatedFile, ...]:
    """Return the files of ``needed`` with their digests.

    Raises LockError if there is no hop3-nix.lock, or one that was written for another go.sum.
    """
    if not needed:
        return ()
    if not source.has(FILE):
        raise Place(SUM).error(
            f"its digests are of what is in {len(needed)} files, not of the files, and there is no "
            f"{FILE} with theirs",
            tip=f"Have it written, and commit it: {REMEDY} (or build with --lock)\n"
            "Or keep the modules with the application: go mod vendor",
        )
    lock = read_own(GoLock, LockText.of(source, FILE))
    lock.check(source)
    return tuple(_pinned(wanted, h1, lock) for wanted, h1 in sorted(needed.items()))


def _pinned(wanted: Wanted, h1: str, lock: GoLock) -> UnlocatedFile:
    path = path_of(wanted)
    digests = lock.go.get(path)
    if digests is None:
        raise stale(f"{path} is needed, and not in {FILE}")
    if digests.h1 != h1:
        raise stale(f"{path} has another digest in {SUM} than when {FILE} was written")
    module = wanted[0]
    return UnlocatedFile(
        name=module.path, version=module.version, sha256=(digests.sha256,), filename=path
    )
