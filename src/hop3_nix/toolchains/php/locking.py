"""The digests of the archives of a composer.lock: each is fetched once, and nothing of it run."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, TemporaryError
from hop3_nix.locks.own import input_digests
from hop3_nix.locks.php.composer_lock import FILE, archives
from hop3_nix.locks.php.digests import PhpLock
from hop3_nix.toolchains.php.manifest import INSTALLED, read_lock

if TYPE_CHECKING:
    import requests

    from hop3_nix.locks.base import Place
    from hop3_nix.locks.php.composer_lock import Dist, Package
    from hop3_nix.toolchains.app import App

THREADS: Final = 8
LARGEST: Final = 512 << 20
"""Bytes of an archive; no package has so many."""

_TIMEOUT: Final = (10, 30)
_CHUNK: Final = 1 << 16
_TRIES: Final = 3
_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429


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
    import requests  # noqa: PLC0415 - an HTTP client, rarely needed

    for attempt in range(_TRIES):
        try:
            with requests.get(dist.url, stream=True, timeout=_TIMEOUT) as answer:
                if answer.status_code >= _SERVER_ERROR or answer.status_code == _TOO_MANY:
                    failure = f"it answers {answer.status_code}"
                    continue
                if not answer.ok:
                    raise place.error(
                        f"the archive of {package.name} is not there: {dist.url} answers "
                        f"{answer.status_code}",
                        tip="Lock again, so that the lockfile has what there is now: composer "
                        "update. Archives that need a password are not supported; commit vendor/.",
                    )
                return dist.url, _read(answer, package, dist, place)
        except LockError:
            raise
        except requests.RequestException as error:
            failure = str(error)
        if attempt + 1 == _TRIES:
            break
    raise TemporaryError(
        f"the archive of {package.name} cannot be fetched from {dist.url}: {failure}",
        tip="See that this machine reaches the address in composer.lock; try again.",
    )


def _read(answer: requests.Response, package: Package, dist: Dist, place: Place) -> str:
    ours, theirs, size = hashlib.sha256(), hashlib.sha1(usedforsecurity=False), 0
    for chunk in answer.iter_content(_CHUNK):
        ours.update(chunk)
        theirs.update(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise place.error(
                f"the archive of {package.name} has more than {LARGEST >> 20} MiB",
                tip="See that its address is right.",
            )
    if dist.shasum and theirs.hexdigest() != dist.shasum.lower():
        raise place.error(
            f"the archive of {package.name} is not the one that composer locked: its SHA-1 is "
            f"{theirs.hexdigest()} and not {dist.shasum}",
            tip="Whoever has the address has changed it. If you trust what is there now, lock "
            "again: composer update",
        )
    return ours.hexdigest()
