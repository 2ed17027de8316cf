"""Secrets in what a build has made. Standard library only: this runs inside the build as well.

As a program: ``TREE SOURCE INCLUDED``, the application's tree, its files before the build (or "" if
they are not known), and a JSON file of the patterns that name what is no secret. Returns 65 after
printing what was found.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Final

from .credentials import AT_RUN_TIME, PRIVATE_KEY_BODY, READABLE, live_key
from .patterns import parse_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REFUSED: Final = 65
"""The exit status: EX_DATAERR of sysexits.h, as that of hop3-nix for what is wrong in an app."""

LARGEST: Final = 8 << 20
"""Bytes of a file that are looked at; larger ones are media, databases and programs."""

_SHOWN: Final = 10
_KEYS: Final = (b"_live_", b"gh", b"glpat-", b"xox", b"AKIA")
_OF_OTHERS: Final = re.compile(r"(?:^|/)node_modules/")
"""What dependencies have brought, by their digests."""

_EXAMPLES: Final = re.compile(
    r"(?:^|/)(?:__tests__|docs?|examples?|fixtures?|specs?|testdata|tests?|testing)/|\.(?:md|rst)$"
)


def files_of(root: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file below ``root`` that is worth looking at."""
    for directory, names, files in os.walk(root):
        names.sort()
        for file in sorted(files):
            path = f"{directory}/{file}"
            if (content := _content(path)) is not None:
                yield path[len(root) + 1 :], content


def secret_in(name: str, content: bytes, *, made: bool) -> str:
    """Return what is secret in the file ``name`` of a result, or "".

    ``made`` says whether the build has made it, or it is as it was in the source.
    """
    if _OF_OTHERS.search(name):
        return ""
    if made and b"PRIVATE KEY" in content and PRIVATE_KEY_BODY.search(_text(content)):
        return "a private key"
    if any(key in content for key in _KEYS) and not _EXAMPLES.search(name):
        return live_key(_text(content))
    return ""


def said_of(why: str) -> str:
    """Return what is said of a result with ``why`` in it."""
    return f"the result has {why} in it, {READABLE}"


def advice_for(name: str) -> str:
    """Return what to do about a secret in the file ``name``."""
    return f'{AT_RUN_TIME} If it is none: [build] include = ["{name}"] in hop3.toml.'


def main(argv: Sequence[str]) -> int:
    """Run the program for its arguments; return its exit status."""
    tree, source, file = argv
    with open(file, "rb") as included:
        patterns: list[str] = json.load(included)
    found = [
        (name, why)
        for name, content in files_of(tree)
        if (why := secret_in(name, content, made=content != _content(f"{source}/{name}")))
        if not takes_in(patterns, name)
    ]
    for name, why in found[:_SHOWN]:
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
        print(f"{shown}: {said_of(why)}", file=sys.stderr)
        print(f"  {advice_for(shown)}", file=sys.stderr)
    return REFUSED if found else 0


def takes_in(patterns: Sequence[str], path: str) -> bool:
    """Return whether the last of ``patterns`` that is about ``path``, or a parent, names it."""
    rules = [rule for rule in map(parse_pattern, reversed(patterns)) if rule]
    parents = (path[: place.end()] for place in re.finditer("/", path))
    return any(
        next((rule.leaves_out for rule in rules if rule.matches(each)), False)
        for each in (*parents, path)
    )


def _content(path: str) -> bytes | None:
    """Return the content of a file that is there, has something in it, and is not too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        try:
            return stream.read() if 0 < os.fstat(descriptor).st_size <= LARGEST else None
        except OSError:
            return None  # a directory


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
