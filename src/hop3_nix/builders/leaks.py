"""What a build has put into its result that should not be there: secrets, and places of the host.

The application's own output alone is looked at: what its dependencies hold comes from elsewhere,
by its digest. A file that is as it was in the source was judged there (source/secretfiles.py).
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError
from hop3_nix.postbuild.credentials import AT_RUN_TIME, PRIVATE_KEY_BODY, live_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hop3_nix.source import Source

LARGEST: Final = 8 << 20
"""Bytes of a file that are looked at; larger ones are media, databases and programs."""

NAMED: Final = 20

_KEYS: Final = (b"_live_", b"gh", b"glpat-", b"xox", b"AKIA")
_PLACES: Final = (b"/build/", b"/home/", b"/usr/")
_PLACE: Final = re.compile(rb"(?<![\w.@~%+-])(?:/build/|/home/|/usr/(?!bin/env\b))[\w.+/-]*")
_EXAMPLES: Final = re.compile(
    r"(?:^|/)(?:__tests__|docs?|examples?|fixtures?|node_modules|specs?|testdata|tests?|testing)/"
    r"|\.(?:md|rst)$"
)


def check_result(tree: Path, source: Source) -> tuple[str, ...]:
    """Return which files below ``tree`` name a place of the machine that built them.

    Each is ``FILE: PLACE``; a file that the build has not made says what its author wants.
    Raises ConfigError for one that holds a secret, unless ``[build] include`` takes it in.
    """
    references: list[str] = []
    for name, content in _files(str(tree)):
        entry = source.entries.get(name)
        made = entry is None or entry.sha256 != hashlib.sha256(content).digest()
        if why := _secret(name, content, made=made):
            _refuse(name, why, source)
        if made and any(place in content for place in _PLACES):
            references += [f"{name}: {found}" for found in _places(content)]
    return tuple(references[:NAMED])


def _secret(name: str, content: bytes, *, made: bool) -> str:
    if made and b"PRIVATE KEY" in content and PRIVATE_KEY_BODY.search(_text(content)):
        return "a private key"
    if any(key in content for key in _KEYS) and not _EXAMPLES.search(name):
        return live_key(_text(content))
    return ""


def _refuse(name: str, why: str, source: Source) -> None:
    if source.includes(name):
        return
    raise ConfigError(
        f"the result has {why} in it, and everybody can read what is in the Nix store",
        file=name,
        tip=f'{AT_RUN_TIME} If it is none: [build] include = ["{name}"] in hop3.toml.',
    )


def _places(content: bytes) -> list[str]:
    found = dict.fromkeys(match[0] for match in _PLACE.finditer(content))
    return [os.fsdecode(place)[:200] for place in list(found)[:2]]


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _files(root: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file that is worth looking at."""
    for directory, names, files in os.walk(root):
        names.sort()
        for file in sorted(files):
            path = f"{directory}/{file}"
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                continue
            with os.fdopen(descriptor, "rb") as stream:
                if 0 < os.fstat(descriptor).st_size <= LARGEST:
                    yield path[len(root) + 1 :], stream.read()
