"""Keeping artifacts in other stores, binary caches above all, and taking them from there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from hop3_nix.contract import RUNTIME_FILE
from hop3_nix.deploy.artifact import STORE, locate
from hop3_nix.deploy.remote.address import read_address
from hop3_nix.deploy.remote.connection import Connection
from hop3_nix.deploy.remote.copying import require_store_path
from hop3_nix.deploy.rules import check_rules
from hop3_nix.errors import ArtifactMissingError, InputError, SignatureError
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix import stores as nixstores
from hop3_nix.nix.log import NixLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from hop3_nix.progress import Progress


STORE_PATH: Final = re.compile(re.escape(str(STORE)) + r"/[0-9a-z]{32}-[A-Za-z0-9+._?=-]+")
"""A store path; the Nix manual, "Store Path", has the characters of its name."""


@dataclass(frozen=True)
class Copied:
    """What was copied."""

    path: Path
    paths: int
    """Store paths of the closure."""
    sent: int
    """How many of them were not there yet."""


def push(
    location: Path, url: str, *, key: Path | None, progress: Callable[[Progress], None]
) -> Copied:
    """Copy the closure of ``location`` to the store at ``url``, signed with ``key``.

    Raises InputError for what cannot be pushed, and what `nixstores.copy` raises.
    """
    require_store_path(location)
    if key is not None:
        nixstores.sign(location, key)
    sent = _copy(url, progress, location, to=True)
    if key is not None and _is_cache(url):
        # What the cache had before has no signature from us yet.
        nixstores.sign(location, key, store=nixstores.cache_url(url))
    return Copied(location, len(nixcli.closure(location)), sent)


def pull(
    path: Path, url: str, *, keys: Sequence[str], progress: Callable[[Progress], None]
) -> Copied:
    """Copy the closure of store path ``path`` from the store at ``url``.

    Nothing is taken that is not signed by one of ``keys`` or one that Nix is configured to trust.
    Raises InputError for what is no store path, ArtifactMissingError if what came is no artifact,
    and what `nixstores.copy` raises.
    """
    if not STORE_PATH.fullmatch(str(path)):
        raise InputError(
            f"{path} is not a store path", tip="Give the path that `hop3-nix push` printed."
        )
    try:
        sent = _copy(url, progress, path, keys=keys)
    except SignatureError as error:
        trusted = [*keys, *nixcli.configured("trusted-public-keys")]
        raise SignatureError(
            f"{error.message}; trusted are: {', '.join(trusted) or 'none'}",
            tip="Push it again with --sign FILE, or trust the key that has signed it: "
            "--trusted-key NAME:BASE64=",
        ) from error
    if not (path / RUNTIME_FILE).is_file():
        raise ArtifactMissingError(
            f"{path} is not an artifact: it has no {RUNTIME_FILE}",
            tip="Give the path that `hop3-nix build` printed.",
        )
    check_rules(locate(path, newer=True))
    return Copied(path, len(nixcli.closure(path)), sent)


def _is_cache(url: str) -> bool:
    scheme = urlsplit(url).scheme
    return scheme in nixstores.CACHES or "://" not in url


def _copy(
    url: str,
    progress: Callable[[Progress], None],
    path: Path,
    *,
    to: bool = False,
    keys: Sequence[str] = (),
) -> int:
    """Copy, and return how many paths were sent."""
    log = NixLog(on_progress=progress)

    def copy(store: str, environment: Mapping[str, str] | None = None) -> int:
        source, destination = ("", store) if to else (store, "")
        sent = nixstores.copy(
            path,
            source=source,
            destination=destination,
            keys=keys,
            environment=environment,
            log=log,
        )
        return len(sent)

    if urlsplit(url).scheme in {"ssh", "ssh-ng"}:
        address = read_address(url)
        with Connection(address) as connection:
            return connection.copying(partial(copy, address.store()))
    return copy(nixstores.cache_url(url))
