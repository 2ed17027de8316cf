"""The Nodes that this machine has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from semantic_version import Version

from hop3_nix.errors import ToolError
from hop3_nix.plan import Offer
from hop3_nix.toolchains.on_path import programs_called

if TYPE_CHECKING:
    from hop3_nix.toolchains.base import Tools

_PROGRAM: Final = re.compile(r"node(js)?")
_ASK: Final = (
    "const { glibcVersionRuntime } = process.report.getReport().header;"
    "console.log(JSON.stringify([process.versions.node, glibcVersionRuntime ?? '',"
    " process.execPath]))"
)


def find_interpreters(tools: Tools) -> tuple[Offer, ...]:
    """Return the released Nodes on PATH that run on glibc, one per version, the newest first."""
    found: dict[str, Offer] = {}
    for program in programs_called(_PROGRAM):
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
