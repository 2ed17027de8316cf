"""hop3-nix.lock of PHP: the digests of archives, for a composer.lock, which never has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from hop3_nix.locks.own import FILE, OwnLock, read_own
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from hop3_nix.source import Source


class PhpLock(OwnLock):
    """The content of hop3-nix.lock."""

    php: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(
        description="SHA-256 of each archive, in hex, by its address."
    )


def read_digests(source: Source) -> dict[str, str]:
    """Return the digests by address, none if there is no hop3-nix.lock.

    Raises LockError if it is stale or not as we write it.
    """
    if not source.has(FILE):
        return {}
    lock = read_own(PhpLock, LockText.of(source, FILE))
    lock.check(source)
    return lock.php
