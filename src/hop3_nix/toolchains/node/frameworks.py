"""What is known of web frameworks: how they start, and where they leave a static site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.toolchains.static.site import INDEX, StaticSite

if TYPE_CHECKING:
    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.manifest import Manifest


class Server(NamedTuple):
    """A framework with a server of its own: the package, and the command that starts it."""

    title: str
    package: str
    command: str


class Site(NamedTuple):
    """A tool that makes a static site: the package, and how what it makes is to be served.

    ``routed`` says that the browser has the routes, so that every path is the index.
    ``immutable`` is the URL prefix of files with a digest in their names, empty if there is none.
    """

    title: str
    package: str
    directory: str
    routed: bool = False
    immutable: str = ""

    @property
    def served(self) -> StaticSite:
        """Return it as the web server shows it."""
        return StaticSite(
            directory=self.directory,
            fallback=INDEX if self.routed else "",
            immutable=(self.immutable,) if self.immutable else (),
        )


SERVERS: Final = (
    Server("Next.js", "next", "next start"),
    Server("Nuxt", "nuxt", "node .output/server/index.mjs"),
    Server("Remix", "@remix-run/serve", "remix-serve ./build/server/index.js"),
    Server("React Router", "@react-router/serve", "react-router-serve ./build/server/index.js"),
    Server("NestJS", "@nestjs/core", "node dist/main.js"),
    Server("Astro", "@astrojs/node", "node ./dist/server/entry.mjs"),
    Server("SvelteKit", "@sveltejs/adapter-node", "node build"),
)
SITES: Final = (
    Site("Astro", "astro", "dist", immutable="/_astro/"),
    Site("Create React App", "react-scripts", "build", routed=True, immutable="/static/"),
    Site("Vue CLI", "@vue/cli-service", "dist", routed=True),
    Site("Docusaurus", "@docusaurus/core", "build"),
    Site("Eleventy", "@11ty/eleventy", "_site"),
    Site("VitePress", "vitepress", ".vitepress/dist", immutable="/assets/"),
    Site("SvelteKit", "@sveltejs/adapter-static", "build", immutable="/_app/immutable/"),
    Site("Gatsby", "gatsby", "public"),
    Site("Parcel", "parcel", "dist", routed=True),
    Site("Vite", "vite", "dist", routed=True, immutable="/assets/"),
)
"""Vite last, as many of the others are made on it."""

_DEVELOPMENT: Final = re.compile(
    r"(?:^|&&|;)\s*(?:\w+=\S*\s+)*(?:vite(?:\s+(?:dev|serve|preview|-\S+)|\s*$)"
    r"|(?:react-scripts|gatsby|docusaurus|parcel)(?:\s+(?:start|develop|serve)|\s*$)"
    r"|astro(?:\s+(?:dev|preview|start)|\s*$)|vue-cli-service\s+serve|ng\s+serve"
    r"|webpack(?:-dev-server|\s+serve)|vitepress\s+(?:dev|preview)|eleventy\s+--serve)"
)


def is_development(command: str) -> bool:
    """Return whether ``command`` starts a development server, which is not for production."""
    return _DEVELOPMENT.search(command) is not None


def find_server(manifest: Manifest) -> Server | None:
    """Return the framework whose own server serves the app, or None."""
    return next((each for each in SERVERS if manifest.depends(each.package)), None)


def find_site(source: Source, manifest: Manifest) -> Site | None:
    """Return the tool that makes a static site of the app, or None."""
    for site in SITES:
        if manifest.depends(site.package):
            return site._replace(directory=_directory(source, site))
    return None


def _directory(source: Source, site: Site) -> str:
    """Return where it leaves the site, which Vite's and Astro's configuration may say."""
    key = {"Vite": "outDir", "Astro": "outDir"}.get(site.title)
    stem = site.package
    for ending in ("js", "ts", "mjs", "mts", "cjs", "cts") if key else ():
        file = f"{stem}.config.{ending}"
        if source.has(file):
            said = re.search(rf"\b{key}\s*:\s*['\"](?:\./)?([\w./-]+)['\"]", source.read_text(file))
            if said and ".." not in said[1] and not said[1].startswith("/"):
                return said[1].rstrip("/")
    return site.directory
