"""What is wrong with a Node application that its own configuration and code tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.plan import HostOffer, Problem
from hop3_nix.toolchains.node.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import AnyOffer, BuildPlan
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers

_LAYOUTS: Final = tuple(
    f"{directory}{stem}.{ending}"
    for directory in ("", "src/")
    for stem in ("app/layout", "pages/_app", "app/[locale]/layout")
    for ending in ("tsx", "jsx", "ts", "js")
)
"""Where an application of Next.js has its fonts."""

_FONTS: Final = re.compile(
    r"""^[ \t]*import\s[^;]*?from\s+['"](next/font/google)['"]""", re.MULTILINE
)
_MOCKED: Final = "NEXT_FONT_GOOGLE_MOCKED_RESPONSES"
"""The variable by which Next.js is given what it would fetch."""


def find_problems(
    app: App, _layers: Layers, offer: AnyOffer, _plan: BuildPlan
) -> Iterator[Problem]:
    """Yield what keeps the application from being built without a network."""
    manifest = app.read(read_manifest)
    # The local builder has the network of its machine.
    if not manifest.depends("next") or isinstance(offer, HostOffer) or _MOCKED in app.config.env:
        return
    for file in _LAYOUTS:
        if not app.source.has(file):
            continue
        try:
            text = app.source.read_text(file)
        except SourceError:
            continue
        if found := _FONTS.search(text):
            yield Problem(
                severity="error",
                message="takes fonts from the network while it is built (next/font/google), and "
                "builds have none",
                file=file,
                line=text.count("\n", 0, found.start(1)) + 1,
                tip="Keep the fonts with the application: next/font/local, with files such as "
                "those of the packages @fontsource/NAME or geist.",
            )
            return
