"""deno.lock, of Deno 1.41 and later (version 3 to 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.base import split_address
from hop3_nix.locks.jsonc import plain_json
from hop3_nix.locks.node.base import checked_name, checked_version, fetchable, strongest
from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.locks.base import Place
    from hop3_nix.locks.node.base import TargetNode
    from hop3_nix.source import Source

LOCK: Final = "deno install"
REMEDY: Final = f"Lock again: {LOCK}"
VERSIONS: Final = ("3", "4", "5")

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_JSR: Final = re.compile(r"(@[a-z0-9-]+/[a-z0-9-]+)@([0-9A-Za-z][0-9A-Za-z.+-]*)")


@dataclass(frozen=True)
class Tarball:
    """A package of npm; ``url`` is empty if it is the registry's."""

    name: str
    version: str
    integrity: str
    url: str


@dataclass(frozen=True)
class DenoLock:
    """What a deno.lock pins; ``jsr`` are the digests of manifests, by name and version."""

    npm: tuple[Tarball, ...] = ()
    jsr: Mapping[tuple[str, str], str] = field(default_factory=dict)
    remote: Mapping[str, str] = field(default_factory=dict)
    redirects: Mapping[str, str] = field(default_factory=dict)


def read(source: Source, file: str, target: TargetNode) -> DenoLock:
    """Return what ``file`` pins for ``target``; raises LockError."""
    text = LockText.of(source, file)
    data = LockText(file, plain_json(text.text)).json(REMEDY)
    version = data.get("version")
    if version not in VERSIONS:
        raise text.containing('"version"').error(
            f"version {version}; read are {', '.join(VERSIONS)}",
            tip=f"Lock again with Deno 2: {LOCK}",
        )
    # Version 3 has what registries have one level down.
    packages = _table(data, "packages") or data
    return DenoLock(
        npm=tuple(dict.fromkeys(_tarballs(_table(packages, "npm"), text, target))),
        jsr=dict(_manifests(_table(packages, "jsr"), text)),
        remote=dict(_remote(_table(data, "remote"), text)),
        redirects=dict(_redirects(_table(data, "redirects"), text)),
    )


def _tarballs(packages: Mapping[str, Any], text: LockText, target: TargetNode) -> Iterator[Tarball]:
    for key, entry in packages.items():
        place = text.containing(f'"{key}"')
        # What follows an underscore are the peers that it was resolved with.
        at = key.find("@", 1)
        name, version = key[:at], key[at + 1 :].partition("_")[0]
        if at < 0 or not isinstance(entry, dict):
            raise place.error(f"the entry {key} is no package", tip=REMEDY)
        name = checked_name(name, place)
        platforms = (_listed(entry.get(key_of)) for key_of in ("os", "cpu", "libc"))
        if not target.accepts(*platforms) or not target.suits(name):
            continue
        who = f"{name} {version}"
        tarball = entry.get("tarball")
        yield Tarball(
            name,
            checked_version(version, who, place),
            strongest(str(entry.get("integrity", "")), who, place, remedy=REMEDY),
            fetchable(tarball if isinstance(tarball, str) else "", who, place),
        )


def _manifests(
    packages: Mapping[str, Any], text: LockText
) -> Iterator[tuple[tuple[str, str], str]]:
    for key, entry in packages.items():
        place = text.containing(f'"{key}"')
        found = _JSR.fullmatch(key)
        digest = entry.get("integrity") if isinstance(entry, dict) else None
        if found is None or not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise place.error(f"the entry {key} is no package of JSR with a digest", tip=REMEDY)
        yield (found[1], found[2]), digest


def _remote(modules: Mapping[str, Any], text: LockText) -> Iterator[tuple[str, str]]:
    for url, digest in modules.items():
        place = text.containing(f'"{url}"')
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise place.error(f"{url} has no digest", tip=REMEDY)
        yield _address(url, place), digest


def _redirects(said: Mapping[str, Any], text: LockText) -> Iterator[tuple[str, str]]:
    for url, target in said.items():
        place = text.containing(f'"{url}"')
        yield _address(url, place), _address(str(target), place)


def _address(url: str, place: Place) -> str:
    parts = split_address(url, place)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise place.error(f"{url} is no address to fetch from", tip=REMEDY)
    return url


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]
