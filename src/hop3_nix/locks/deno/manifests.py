"""hop3-nix.lock of Deno: the files of packages of JSR, of which deno.lock has one for all."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from hop3_nix.errors import LockError
from hop3_nix.locks.base import Place
from hop3_nix.locks.own import FILE, REMEDY, OwnLock, read_own, stale
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.source import Source

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_PATH: Final = re.compile(r"(?!.*/\.\.?(?:/|$))/[\w@./+~()\[\]$ -]+")


class JsrLock(OwnLock):
    """The content of hop3-nix.lock; that it is current, the digests of manifests tell."""

    jsr: dict[str, dict[str, Sha256]] = Field(
        description="By name@version: the digest of each file, by its path in the package."
    )
    manifests: dict[str, Sha256] = Field(description="Digest of each manifest, by name@version.")


def files_of(manifest: bytes, who: str, digest: str) -> dict[str, str]:
    """Return the digest of each file that ``manifest`` lists, by path.

    Raises LockError if it is not the one with ``digest``, or no manifest.
    """
    found = hashlib.sha256(manifest).hexdigest()
    if found != digest:
        raise LockError(
            f"what the registry has for {who} is {found}, and deno.lock says {digest}",
            file="deno.lock",
            tip="One of them was changed. If you trust the registry: deno install --frozen=false",
        )
    try:
        listed: dict[str, Any] = json.loads(manifest)["manifest"]
        files = {path: said["checksum"].removeprefix("sha256-") for path, said in listed.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        files = {"": ""}
    for path, checksum in files.items():
        if not _PATH.fullmatch(path) or not re.fullmatch(r"[0-9a-f]{64}", checksum):
            raise LockError(
                f"the manifest of {who} is none that can be read: {path!r}",
                file="deno.lock",
                tip="See that JSR_URL names a registry of JSR.",
            )
    return files


def read_manifests(
    source: Source, file: str, wanted: Mapping[tuple[str, str], str]
) -> dict[str, dict[str, str]]:
    """Return the digests of the files of ``wanted``, by name@version and path.

    Raises LockError if there is no hop3-nix.lock, or one that was written for another deno.lock.
    """
    if not wanted:
        return {}
    if not source.has(FILE):
        raise Place(file).error(
            f"it has one digest for each of {len(wanted)} packages of JSR and none of their files, "
            f"and there is no {FILE} with theirs",
            tip=f"Have it written, and commit it: {REMEDY} (or build with --lock)",
        )
    lock = read_own(JsrLock, LockText.of(source, FILE))
    lock.check(source)
    for (name, version), digest in wanted.items():
        if lock.manifests.get(f"{name}@{version}") != digest:
            raise stale(f"{name} {version} is not in {FILE} as {file} has it")
    return {f"{name}@{version}": lock.jsr.get(f"{name}@{version}", {}) for name, version in wanted}
