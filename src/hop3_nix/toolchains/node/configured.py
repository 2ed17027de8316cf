"""What the frameworks' own configuration says of how the application is served.

A configuration is a program, which is not run: what is looked for in its text are the plain
settings that frameworks document. Each of these answers for one framework, and refuses what a host
of its own cannot serve.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import ConfigError, UnsupportedError
from hop3_nix.plan import Site
from hop3_nix.toolchains.node.manifest import FILE
from hop3_nix.toolchains.static.site import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.manifest import Manifest

_ENDINGS: Final = ("js", "mjs", "cjs", "ts", "mts", "cts")
_COMMENT: Final = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
_ADAPTER: Final = re.compile(r"""['"](?:@sveltejs/adapter-|svelte-adapter-)([\w-]+)['"]""")
_NITRO: Final = "node .output/server/index.mjs"


class Served(NamedTuple):
    """How an application is served: by a ``command``, or as a ``site``."""

    title: str
    package: str
    command: str = ""
    site: Site | None = None


class Question(NamedTuple):
    """What there is to tell from: the files, package.json, and the text of the build script."""

    source: Source
    manifest: Manifest
    script: str

    def config(self, *stems: str) -> tuple[str, str]:
        """Return the configuration file of the first of ``stems`` that has one, and its text."""
        for stem in stems:
            for ending in _ENDINGS:
                file = f"{stem}.config.{ending}"
                if self.source.has(file):
                    return file, _COMMENT.sub("", self.source.read_text(file))
        return "", ""

    def line(self, package: str) -> int | None:
        """Return where package.json names ``package``."""
        return self.manifest.line(package)


def _setting(text: str, key: str) -> str:
    found = re.search(rf"\b{key}\s*:\s*(?:['\"]([^'\"]*)['\"]|(true|false)\b)", text)
    return (found[1] or found[2] or "") if found else ""


def _directory(said: str, usual: str) -> str:
    """Return ``said`` if it is a directory of the tree, else ``usual``."""
    path = posixpath.normpath(said) if said else usual
    return usual if path.startswith(("..", "/")) else path


def _option(script: str, *names: str) -> str:
    for name in names:
        if found := re.search(rf"(?:^|\s){re.escape(name)}[= ]['\"]?([\w./-]+)", script):
            return found[1]
    return ""


def next_js(asked: Question) -> Served:
    """Next.js, which with ``output: "export"`` makes a site and has no server."""
    _, text = asked.config("next")
    if _setting(text, "output") == "export":
        directory = _directory(_setting(text, "distDir"), "out")
        site = Site(directory=directory, immutable=("/_next/static/",))
        return Served("Next.js (output: export)", "next", site=site)
    return Served("Next.js", "next", "next start")


def nuxt(asked: Question) -> Served:
    """Nuxt, of which ``nuxt generate`` makes a site."""
    if re.search(r"\bnux[ti]\s+generate\b", asked.script):
        site = Site(directory=".output/public", fallback="200.html", immutable=("/_nuxt/",))
        return Served("Nuxt (generate)", "nuxt", site=site)
    return Served("Nuxt", "nuxt", _NITRO)


def react_router(asked: Question) -> Served:
    """React Router as a framework, which with ``ssr: false`` makes a site."""
    _, text = asked.config("react-router")
    if _setting(text, "ssr") == "false":
        site = Site(directory="build/client", fallback=INDEX, immutable=("/assets/",))
        return Served("React Router (ssr: false)", "@react-router/dev", site=site)
    command = "react-router-serve ./build/server/index.js"
    return Served("React Router", "@react-router/serve", command)


def svelte_kit(asked: Question) -> Served:
    """SvelteKit, whose adapter decides; adapter-auto knows no host of one's own."""
    file, text = asked.config("svelte")
    found = _ADAPTER.search(text) or _ADAPTER.search(asked.config("vite")[1])
    known = ("node", "static", "auto")
    if not found and asked.manifest.depends("svelte-adapter-bun"):
        return Served("SvelteKit", "svelte-adapter-bun", "bun ./build/index.js")
    adapter = found[1] if found else ""
    if not adapter:
        adapter = next(
            (name for name in known if asked.manifest.depends(f"@sveltejs/adapter-{name}")), "auto"
        )
    package = f"@sveltejs/adapter-{adapter}"
    if adapter == "node":
        out = _directory(_setting(text, "out"), "build")
        return Served("SvelteKit", package, f"node {out}")
    if adapter == "bun":
        return Served("SvelteKit", "svelte-adapter-bun", "bun ./build/index.js")
    if adapter == "static":
        site = Site(
            directory=_directory(_setting(text, "pages"), "build"),
            fallback=_setting(text, "fallback"),
            immutable=("/_app/immutable/",),
        )
        return Served("SvelteKit", package, site=site)
    raise ConfigError(
        f"SvelteKit is built with adapter-{adapter}, which makes nothing that runs on a host of "
        "your own",
        file=file or FILE,
        line=None if file else asked.line("@sveltejs/kit"),
        tip="Take @sveltejs/adapter-node (a server) or @sveltejs/adapter-static (a site): "
        "npm install --save-dev @sveltejs/adapter-node, import it in svelte.config.js, and lock.",
    )


def astro(asked: Question) -> Served:
    """Astro: a site, unless an adapter makes a server of it."""
    file, text = asked.config("astro")
    foreign = re.search(r"""['"]@astrojs/(vercel|netlify|cloudflare|deno)(?:/[\w-]+)?['"]""", text)
    if "@astrojs/node" in text:
        if _setting(text, "mode") == "middleware":
            raise ConfigError(
                "Astro's Node adapter is in the mode middleware, which has no server",
                file=file,
                tip="Write mode: 'standalone', or declare the worker that is the server.",
            )
        command = "HOST=${HOST:-0.0.0.0} node ./dist/server/entry.mjs"
        return Served("Astro", "@astrojs/node", command)
    if foreign:
        raise ConfigError(
            f"Astro is built for {foreign[1]}, and not for a host of your own",
            file=file,
            tip="Take the Node adapter: npx astro add node, and lock.",
        )
    directory = _directory(_option(asked.script, "--outDir") or _setting(text, "outDir"), "dist")
    return Served("Astro", "astro", site=Site(directory=directory, immutable=("/_astro/",)))


def tanstack_start(asked: Question) -> Served:
    """TanStack Start, whose server is Nitro's."""
    package = asked.manifest.depends("@tanstack/react-start", "@tanstack/solid-start")
    if not asked.manifest.depends("nitro", "nitropack", "vinxi", "@tanstack/nitro-v2-vite-plugin"):
        raise ConfigError(
            "TanStack Start makes a handler of requests, and nothing here makes a server of it",
            file=FILE,
            line=asked.line(package),
            tip="Add nitro and its plugin to vite.config.ts, and lock; or declare the worker: "
            "web: npx srvx --prod -s ../client dist/server/server.js",
        )
    return Served("TanStack Start", package, _NITRO)


def solid_start(asked: Question) -> Served:
    """SolidStart and others on Vinxi, whose server is Nitro's."""
    return Served("SolidStart", asked.manifest.depends("@solidjs/start", "vinxi"), _NITRO)


def angular(asked: Question) -> Served:
    """Angular, whose angular.json says where the site is, and whether there is a server."""
    file = "angular.json"
    package = "@angular/core"
    try:
        projects = json.loads(asked.source.read_text(file)).get("projects", {})
        applications = {
            name: project["architect"]["build"]
            for name, project in projects.items()
            if project.get("projectType", "application") == "application"
        }
        name, build = next(iter(applications.items()))
        options = build.get("options", {})
        said = options.get("outputPath", f"dist/{name}")
        base = said["base"] if isinstance(said, dict) else said
    except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise UnsupportedError(
            "Angular's application is not told by its build options",
            file=file,
            tip='Say where the site is: [build] static-dir = "dist/NAME/browser" in hop3.toml.',
        ) from error
    if options.get("ssr") or options.get("server"):
        return Served("Angular", package, f"node {base}/server/server.mjs")
    # The builders since version 17 put what browsers get apart.
    apart = not str(build.get("builder", "")).endswith(":browser")
    inner = said.get("browser", "browser") if isinstance(said, dict) else "browser"
    directory = posixpath.join(base, inner) if apart and inner else base
    return Served("Angular", package, site=Site(directory=directory, fallback=INDEX))


def vitepress(asked: Question) -> Served:
    """VitePress, whose pages are in the directory that the script names."""
    found = re.search(r"\bvitepress\s+build\s+(?!-)([\w./-]+)", asked.script)
    said = _option(asked.script, "--outDir")
    directory = _directory(
        said or posixpath.join(found[1] if found else "", ".vitepress/dist"), ".vitepress/dist"
    )
    return Served("VitePress", "vitepress", site=Site(directory=directory, immutable=("/assets/",)))


def eleventy(asked: Question) -> Served:
    """Eleventy, whose output an option or its configuration names."""
    _, text = asked.config("eleventy", ".eleventy")
    said = _option(asked.script, "--output") or _setting(text, "output")
    site = Site(directory=_directory(said, "_site"))
    return Served("Eleventy", "@11ty/eleventy", site=site)


def vite(asked: Question) -> Served:
    """Vite alone: a site, where its configuration or the script puts it."""
    _, text = asked.config("vite")
    build = re.search(r"\bbuild\s*:\s*\{(.*)", text, re.DOTALL)
    root = _setting(re.sub(r"\{[^{}]*\}", "", text), "root")
    found = re.search(r"\bvite\s+build\s+(?!-)([\w./-]+)", asked.script)
    inside = found[1] if found else "" if root.startswith("/") else root
    said = _option(asked.script, "--outDir") or (_setting(build[1], "outDir") if build else "")
    directory = _directory(posixpath.join(inside, said or "dist"), "dist")
    site = Site(directory=directory, fallback=INDEX, immutable=("/assets/",))
    return Served("Vite", "vite", site=site)


SERVERS: Final[tuple[tuple[tuple[str, ...], Callable[[Question], Served]], ...]] = (
    (("next",), next_js),
    (("nuxt",), nuxt),
    (("@sveltejs/kit",), svelte_kit),
    (("@tanstack/react-start", "@tanstack/solid-start"), tanstack_start),
    (("@solidjs/start", "vinxi"), solid_start),
    (("@react-router/dev", "@react-router/serve"), react_router),
    (("astro",), astro),
    (("@angular/core",), angular),
    (("vitepress",), vitepress),
    (("@11ty/eleventy",), eleventy),
)
"""Frameworks that decide by their configuration, by the packages that tell them."""
