"""The files that an expression is rendered from: when they change, it has to be rendered again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan
    from hop3_nix.source import Source

_CONFIGURATION: Final = ("Procfile", "hop3.toml", "hop3/Procfile", "hop3/hop3.toml")


def rendered_from(source: Source, plan: BuildPlan) -> dict[str, str]:
    """Return the SHA-256 in hex of Procfile, hop3.toml and each lockfile, by their paths.

    Raises SourceError if one of them is not what it was.
    """
    lockfiles = (each.file for each in plan.evidence if each.choice == "dependencies")
    named = dict.fromkeys((*_CONFIGURATION, *lockfiles))
    return {
        name: hashlib.sha256(source.read_text(name).encode()).hexdigest()
        for name in sorted(named)
        if source.has(name)
    }
