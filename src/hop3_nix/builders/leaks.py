"""What a build has put into its result that should not be there: secrets, and places of the host.

The application's own output alone is looked at: what its dependencies hold comes from elsewhere,
by its digest. A file that is as it was in the source was judged there (source/secretfiles.py).
Nix's own builds look for secrets as well, by the same rules (postbuild/leaks.py).
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError
from hop3_nix.postbuild.leaks import advice_for, files_of, said_of, secret_in

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.source import Source

NAMED: Final = 20

_PLACES: Final = (b"/build/", b"/home/", b"/usr/")
_PLACE: Final = re.compile(
    rb"(?<![\w.@~%+-])(?:/build/|/home/|/usr/(?!bin/env\b|lib/debug/|lib[A-Z]|src/rustc-))[\w.+/-]*"
)
"""Of these, the library of Rust has the last three in every program: where separate debugging
information would be, the same as a number, and what it was itself compiled from."""


def check_result(tree: Path, source: Source) -> tuple[str, ...]:
    """Return which files below ``tree`` name a place of the machine that built them.

    Each is ``FILE: PLACE``; a file that the build has not made says what its author wants.
    Raises ConfigError for one that holds a secret, unless ``[build] include`` takes it in.
    """
    references: list[str] = []
    for name, content in files_of(str(tree)):
        entry = source.entries.get(name)
        made = entry is None or entry.sha256 != hashlib.sha256(content).digest()
        if (why := secret_in(name, content, made=made)) and not source.includes(name):
            raise ConfigError(said_of(why), file=name, tip=advice_for(name))
        if made and any(place in content for place in _PLACES):
            references += [f"{name}: {found}" for found in _places(content)]
    return tuple(references[:NAMED])


def _places(content: bytes) -> list[str]:
    found = dict.fromkeys(match[0] for match in _PLACE.finditer(content))
    return [os.fsdecode(place)[:200] for place in list(found)[:2]]
