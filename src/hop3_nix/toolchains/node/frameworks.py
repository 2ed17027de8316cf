"""What is known of web frameworks: how they start, and where they leave a static site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Site
from hop3_nix.toolchains.language import Framework
from hop3_nix.toolchains.node.configured import SERVERS as CONFIGURED
from hop3_nix.toolchains.node.configured import Question, Served, vite
from hop3_nix.toolchains.static.site import INDEX

if TYPE_CHECKING:
    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.manifest import Manifest


def _site(directory: str, *, routed: bool = False, immutable: str = "") -> Site:
    """Return a site; if ``routed`` the browser has the routes, so that every path is the index."""
    return Site(
        directory=directory,
        fallback=INDEX if routed else "",
        immutable=(immutable,) if immutable else (),
    )


SERVERS: Final = (
    Framework("@remix-run/serve", "Remix", "remix-serve ./build/server/index.js"),
    Framework("@nestjs/core", "NestJS", "node dist/main.js"),
)
"""Frameworks with a server of their own, beside those that decide by their configuration."""

SITES: Final = (
    Framework(
        "react-scripts",
        "Create React App",
        site=_site("build", routed=True, immutable="/static/"),
    ),
    Framework("@vue/cli-service", "Vue CLI", site=_site("dist", routed=True)),
    Framework("@docusaurus/core", "Docusaurus", site=_site("build")),
    Framework("gatsby", "Gatsby", site=_site("public")),
    Framework("parcel", "Parcel", site=_site("dist", routed=True)),
)
"""Tools that make a static site; Vite comes behind them, as many others are made on it."""

TITLES: Final = (
    *("Next.js", "Nuxt", "SvelteKit", "TanStack Start", "SolidStart", "React Router", "Astro"),
    *("Angular", "VitePress", "Eleventy"),
    *(each.title for each in (*SERVERS, *SITES)),
    "Vite",
)
"""All of them, in the order in which they are asked."""

_DEVELOPMENT: Final = re.compile(
    r"(?:^|&&|;)\s*(?:\w+=\S*\s+|cross-env\s+|(?:npx|pnpx)\s+(?:-\S+\s+)*)*"
    r"(?:vite(?:\s+(?:dev|serve|preview|-\S+)|\s*$)"
    r"|(?:react-scripts|gatsby|docusaurus|parcel)(?:\s+(?:start|develop|serve)|\s*$)"
    r"|astro(?:\s+(?:dev|preview|start)|\s*$)|vue-cli-service\s+serve"
    r"|(?:ng|webpack|analog|ember|vuepress|rspack|rsbuild|storybook)(?:-dev-server|\s+(?:serve|dev|s)\b)"
    r"|(?:next|nuxt|nuxi|vinxi|remix|react-router|qwik|waku|farm|wrangler|netlify|vercel)\s+dev\b"
    r"|nest\s+start|nodemon|ts-node-dev|tsx\s+watch|node-dev|live-server|browser-sync"
    r"|vitepress(?:\s+(?:dev|preview)|\s*$)|(?:@11ty/)?eleventy\s.*--(?:serve|watch)\b|hexo\s+server)"
)


def is_development(command: str) -> bool:
    """Return whether ``command`` starts a development server, which is not for production."""
    return _DEVELOPMENT.search(command) is not None


def find_framework(source: Source, manifest: Manifest, script: str) -> Served | None:
    """Return how the framework of the app serves it, or None if none is known.

    ``script`` is the text of what builds the app. Raises ConfigError if the framework is set up
    for another kind of host.
    """
    asked = Question(source, manifest, script)
    for packages, decide in CONFIGURED:
        if manifest.depends(*packages):
            return decide(asked)
    for framework in (*SERVERS, *SITES):
        if manifest.depends(framework.package):
            return Served(framework.title, framework.package, framework.command, framework.site)
    return vite(asked) if manifest.depends("vite") else None
