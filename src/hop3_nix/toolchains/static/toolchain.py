"""Static sites, as a language: files, as they are in the tree or as build steps make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import LocalRecipe
from hop3_nix.procfile.parse import WEB_KINDS
from hop3_nix.toolchains.language import Guess, Language, Layers, Marker, Start
from hop3_nix.toolchains.static.site import INDEX, USUAL, find_site, is_declared, usual_site
from hop3_nix.toolchains.static.staticfile import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import Evidence
    from hop3_nix.toolchains.app import App


def detect(app: App) -> Evidence | None:
    """Return what makes ``app`` a static site, or None.

    An application that answers HTTP by itself is none, whatever files are beside it.
    """
    config, source = app.config, app.source
    if config.workers.keys() & set(WEB_KINDS):
        return None
    if is_declared(config) or source.has(FILE) or usual_site(source) is not None:
        return find_site(app, made=_makes_files(app))[1]
    return None


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield the site."""
    site, why = find_site(app, made=_makes_files(app))
    yield Guess(why.reason, why.file, why.line, site=site)


def _makes_files(app: App) -> bool:
    return bool(app.config.before_build or app.config.build or app.config.after_build)


TOOLCHAIN: Final = Language(
    name="static",
    title="static sites",
    markers=(
        Marker(FILE, "a static site"),
        *(Marker(INDEX if name == "." else f"{name}/{INDEX}", "it has an index") for name in USUAL),
    ),
    detect=detect,
    layers=lambda _app, _offer, _target: Layers(interpreted=False),
    start=Start(
        guesses=guesses,
        sought="and no directory that has an index.html",
        example="web: python -m http.server $PORT",
        always=True,
    ),
    recipe=lambda _app, _plan: (LocalRecipe(requires=(), steps=()),),
)
