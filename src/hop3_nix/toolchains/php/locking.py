"""The digests of the archives of a composer.lock: each is fetched once, and nothing of it run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hop3_nix.locks.own import input_digests
from hop3_nix.locks.php.composer_lock import FILE, archives
from hop3_nix.locks.php.digests import PhpLock
from hop3_nix.toolchains.archives import THREADS, digests_of
from hop3_nix.toolchains.php.manifest import INSTALLED, read_lock

if TYPE_CHECKING:
    from hop3_nix.locks.base import Place
    from hop3_nix.locks.php.composer_lock import Dist, Package
    from hop3_nix.toolchains.app import App


def write_lock(app: App) -> PhpLock | None:
    """Return the SHA-256 of each archive of composer.lock, None if there is nothing to install.

    The SHA-1 that composer has of some is checked. Raises LockError if a server does not have
    an archive, or has another one, and TemporaryError if it does not answer.
    """
    lock = app.read(read_lock)
    if lock is None or app.source.has(INSTALLED):
        return None
    pinned = archives(app.source, lock)
    if not pinned:
        return None
    with ThreadPoolExecutor(THREADS) as pool:
        found = dict(pool.map(lambda each: _digest(*each), pinned))
    return PhpLock(inputs=input_digests(app.source, [FILE]), php=found)


def _digest(package: Package, dist: Dist, place: Place) -> tuple[str, str]:
    found = digests_of(
        dist.url,
        package.name,
        place,
        gone="Lock again, so that the lockfile has what there is now: composer update. Archives "
        "that need a password are not supported; commit vendor/.",
    )
    if dist.shasum and found.sha1 != dist.shasum.lower():
        raise place.error(
            f"the archive of {package.name} is not the one that composer locked: its SHA-1 is "
            f"{found.sha1} and not {dist.shasum}",
            tip="Whoever has the address has changed it. If you trust what is there now, lock "
            "again: composer update",
        )
    return dist.url, found.sha256
