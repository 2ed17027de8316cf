"""What is known of web frameworks: how they start, and where they leave a static site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Site
from hop3_nix.toolchains.language import Framework
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
    Framework("next", "Next.js", "next start"),
    Framework("nuxt", "Nuxt", "node .output/server/index.mjs"),
    Framework("@remix-run/serve", "Remix", "remix-serve ./build/server/index.js"),
    Framework("@react-router/serve", "React Router", "react-router-serve ./build/server/index.js"),
    Framework("@nestjs/core", "NestJS", "node dist/main.js"),
    Framework("@astrojs/node", "Astro", "node ./dist/server/entry.mjs"),
    Framework("@sveltejs/adapter-node", "SvelteKit", "node build"),
)
"""Frameworks with a server of their own."""

SITES: Final = (
    Framework("astro", "Astro", site=_site("dist", immutable="/_astro/")),
    Framework(
        "react-scripts",
        "Create React App",
        site=_site("build", routed=True, immutable="/static/"),
    ),
    Framework("@vue/cli-service", "Vue CLI", site=_site("dist", routed=True)),
    Framework("@docusaurus/core", "Docusaurus", site=_site("build")),
    Framework("@11ty/eleventy", "Eleventy", site=_site("_site")),
    Framework("vitepress", "VitePress", site=_site(".vitepress/dist", immutable="/assets/")),
    Framework(
        "@sveltejs/adapter-static",
        "SvelteKit",
        site=_site("build", immutable="/_app/immutable/"),
    ),
    Framework("gatsby", "Gatsby", site=_site("public")),
    Framework("parcel", "Parcel", site=_site("dist", routed=True)),
    Framework("vite", "Vite", site=_site("dist", routed=True, immutable="/assets/")),
)
"""Tools that make a static site; Vite last, as many of the others are made on it."""

_DEVELOPMENT: Final = re.compile(
    r"(?:^|&&|;)\s*(?:\w+=\S*\s+)*(?:vite(?:\s+(?:dev|serve|preview|-\S+)|\s*$)"
    r"|(?:react-scripts|gatsby|docusaurus|parcel)(?:\s+(?:start|develop|serve)|\s*$)"
    r"|astro(?:\s+(?:dev|preview|start)|\s*$)|vue-cli-service\s+serve|ng\s+serve"
    r"|webpack(?:-dev-server|\s+serve)|vitepress\s+(?:dev|preview)|eleventy\s+--serve)"
)


def is_development(command: str) -> bool:
    """Return whether ``command`` starts a development server, which is not for production."""
    return _DEVELOPMENT.search(command) is not None


def find_site(source: Source, manifest: Manifest) -> Framework | None:
    """Return the tool that makes a static site of the app, or None."""
    for tool in SITES:
        if tool.site and manifest.depends(tool.package):
            directory = _directory(source, tool, tool.site.directory)
            return tool._replace(site=tool.site.model_copy(update={"directory": directory}))
    return None


def _directory(source: Source, tool: Framework, usual: str) -> str:
    """Return where it leaves the site, which Vite's and Astro's configuration may say."""
    key = {"Vite": "outDir", "Astro": "outDir"}.get(tool.title)
    stem = tool.package
    for ending in ("js", "ts", "mjs", "mts", "cjs", "cts") if key else ():
        file = f"{stem}.config.{ending}"
        if source.has(file):
            said = re.search(rf"\b{key}\s*:\s*['\"](?:\./)?([\w./-]+)['\"]", source.read_text(file))
            if said and ".." not in said[1] and not said[1].startswith("/"):
                return said[1].rstrip("/")
    return usual
