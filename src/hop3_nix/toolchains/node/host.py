"""The Nodes that this machine has."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from semantic_version import Version

from hop3_nix.errors import ToolError
from hop3_nix.plan import Offer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.base import Tools

_PROGRAMS: Final = ("node", "nodejs")
_ASK: Final = (
    "const { glibcVersionRuntime } = process.report.getReport().header;"
    "console.log(JSON.stringify([process.versions.node, glibcVersionRuntime ?? '',"
    " process.execPath]))"
)


def find_interpreters(tools: Tools) -> tuple[Offer, ...]:
    """Return the released Nodes on PATH that run on glibc, one per version, the newest first."""
    found: dict[str, Offer] = {}
    for program in _programs():
        try:
            version, libc, executable = json.loads(tools.run([str(program), "-e", _ASK]))
        except (ToolError, ValueError):
            # A shim of a version manager with no version active, or a broken installation.
            continue
        if libc and not Version(version).prerelease:
            found.setdefault(
                version, Offer(language="node", version=version, attribute=executable, libc=libc)
            )
    return tuple(sorted(found.values(), key=lambda offer: Version(offer.version), reverse=True))


def _programs() -> Iterator[Path]:
    seen: set[Path] = set()
    for name in os.environ.get("PATH", "").split(os.pathsep):
        for program in (Path(name) / each for each in _PROGRAMS):
            if program.is_absolute() and os.access(program, os.X_OK):
                real = program.resolve()
                if real not in seen:
                    seen.add(real)
                    yield program
