"""Archives that no good digest of a lockfile pins: each is fetched, and nothing of it is run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import LockError, TemporaryError

if TYPE_CHECKING:
    import requests

    from hop3_nix.locks.base import Place

THREADS: Final = 8
"""So many are fetched side by side."""

LARGEST: Final = 512 << 20
"""Bytes of an archive; no package has so many."""

_TIMEOUT: Final = (10, 30)
_CHUNK: Final = 1 << 16
_TRIES: Final = 3
_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429


class Digests(NamedTuple):
    """The digests of an archive."""

    sha1: str
    sha256: str
    sha512: bytes


def digests_of(url: str, who: str, place: Place, *, gone: str) -> Digests:
    """Return the digests of what ``url`` has, which is an archive of ``who``.

    Raises LockError, with the tip ``gone``, if it is not there, and TemporaryError if the server
    does not answer.
    """
    import requests  # noqa: PLC0415 - an HTTP client, rarely needed

    failure = ""
    for _ in range(_TRIES):
        try:
            with requests.get(url, stream=True, timeout=_TIMEOUT) as answer:
                if answer.status_code >= _SERVER_ERROR or answer.status_code == _TOO_MANY:
                    failure = f"it answers {answer.status_code}"
                    continue
                if not answer.ok:
                    raise place.error(
                        f"the archive of {who} is not there: {url} answers {answer.status_code}",
                        tip=gone,
                    )
                return _read(answer, who, place)
        except LockError:
            raise
        except requests.RequestException as error:
            failure = str(error)
    raise TemporaryError(
        f"the archive of {who} cannot be fetched from {url}: {failure}",
        tip=f"See that this machine reaches the address in {place.file}; try again.",
    )


def _read(answer: requests.Response, who: str, place: Place) -> Digests:
    sha1, sha256, sha512 = hashlib.sha1(usedforsecurity=False), hashlib.sha256(), hashlib.sha512()
    size = 0
    for chunk in answer.iter_content(_CHUNK):
        for each in (sha1, sha256, sha512):
            each.update(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise place.error(
                f"the archive of {who} has more than {LARGEST >> 20} MiB",
                tip="See that its address is right.",
            )
    return Digests(sha1.hexdigest(), sha256.hexdigest(), sha512.digest())
