"""Whether a source tree is a Node application, and which file says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.node.manifest import read_manifest
from hop3_nix.toolchains.static.site import usual_site

if TYPE_CHECKING:
    from hop3_nix.source import Source

MARKERS: Final = (
    ("package.json", "a Node package"),
    ("server.js", "a script of Node at the top"),
    ("server.mjs", "a script of Node at the top"),
    ("index.mjs", "a script of Node at the top"),
)
"""index.js is not among them: pages of static sites have one as well."""

LOOKS_FOR: Final = tuple(name for name, _ in MARKERS)


def find_marker(source: Source) -> Evidence | None:
    """Return the first of the files that tell Node, or None.

    A package.json that only lists tools, beside the pages of a site, tells nothing.
    """
    manifest = read_manifest(source)
    runs = manifest.scripts.keys() & {"start", "build"} or manifest.string("main")
    if not (runs or manifest.dependencies) and usual_site(source) is not None:
        return None
    for name, reason in MARKERS:
        if source.has(name):
            return Evidence(choice="node", reason=reason, file=name)
    return None
