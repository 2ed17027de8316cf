"""hop3-nix.lock of Ruby: the digests of gems, for a Gemfile.lock that has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from hop3_nix.locks.own import FILE, OwnLock, read_own
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from hop3_nix.source import Source


class RubyLock(OwnLock):
    """The content of hop3-nix.lock."""

    ruby: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(
        description="SHA-256 of each gem, in hex, by its file name."
    )


def read_digests(source: Source) -> dict[str, str]:
    """Return the digests by file name, none if there is no hop3-nix.lock.

    Raises LockError if it is stale or not as we write it.
    """
    if not source.has(FILE):
        return {}
    lock = read_own(RubyLock, LockText.of(source, FILE))
    lock.check(source)
    return lock.ruby
