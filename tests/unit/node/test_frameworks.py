"""Frameworks are served as their own configuration says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hop3_nix.errors import ConfigError, InputError, UnsupportedError

Make = Callable[..., Any]


@pytest.fixture
def web(plan: Make, lock: Make) -> Callable[..., str]:
    """Plan an app of these packages and files, and return its web worker."""

    def make(packages: tuple[str, ...], files: dict[str, Any], build: str = "build it") -> str:
        wanted = {"dependencies": dict.fromkeys(packages, "^1")}
        manifest = {**wanted, "scripts": {"build": build}}
        locked = {"package-lock.json": lock(*packages, **wanted)}
        found = plan({"package.json": manifest, **locked, **files})
        line: str = found.runtime.workers["web"]
        return line

    return make


def site(directory: str, *options: str) -> str:
    return " ".join(["serve-static", *options, directory])


@pytest.mark.parametrize(
    ("packages", "files", "worker"),
    [
        (("next",), {}, "next start"),
        (("next",), {"next.config.js": "// output: 'export'\n"}, "next start"),
        (
            ("next",),
            {"next.config.mjs": 'export default { output: "export" };'},
            site("out", "--immutable /_next/static/"),
        ),
        (("nuxt",), {}, "node .output/server/index.mjs"),
        (
            ("@react-router/dev", "@react-router/serve", "vite"),
            {"react-router.config.ts": "export default { ssr: true }"},
            "react-router-serve ./build/server/index.js",
        ),
        (
            ("@react-router/dev", "@react-router/serve", "vite"),
            {"react-router.config.ts": "export default { ssr: false }"},
            site("build/client", "--fallback index.html", "--immutable /assets/"),
        ),
        (
            ("@sveltejs/kit", "@sveltejs/adapter-node", "vite"),
            {"svelte.config.js": "import adapter from '@sveltejs/adapter-node';"},
            "node build",
        ),
        (
            ("@sveltejs/kit", "@sveltejs/adapter-node", "vite"),
            {"vite.config.ts": "import adapter from '@sveltejs/adapter-node'; adapter({out: 'o'})"},
            "node build",
        ),
        (
            ("@sveltejs/kit", "@sveltejs/adapter-static", "vite"),
            {
                "svelte.config.js": "import a from '@sveltejs/adapter-static'; "
                "export default { kit: { adapter: a({ pages: 'site', fallback: '200.html' }) } }"
            },
            site("site", "--fallback 200.html", "--immutable /_app/immutable/"),
        ),
        (("astro",), {}, site("dist", "--immutable /_astro/")),
        (
            ("astro", "@astrojs/node"),
            {
                "astro.config.mjs": "import node from '@astrojs/node'; "
                "export default { adapter: node({ mode: 'standalone' }) }"
            },
            "HOST=${HOST:-0.0.0.0} node ./dist/server/entry.mjs",
        ),
        (("@tanstack/react-start", "nitro", "vite"), {}, "node .output/server/index.mjs"),
        (("@solidjs/start", "vinxi"), {}, "node .output/server/index.mjs"),
        (("vite",), {}, site("dist", "--fallback index.html", "--immutable /assets/")),
        (
            ("vite",),
            {"vite.config.js": "export default { build: { outDir: './out' } }"},
            site("out", "--fallback index.html", "--immutable /assets/"),
        ),
        (
            ("vite",),
            {"vite.config.js": "export default { root: 'web', build: { outDir: '../out' } }"},
            site("out", "--fallback index.html", "--immutable /assets/"),
        ),
        (("@11ty/eleventy",), {}, site("_site")),
    ],
)
def test_the_configuration_decides(
    web: Callable[..., str], packages: tuple[str, ...], files: dict[str, Any], worker: str
) -> None:
    assert web(packages, files) == worker


@pytest.mark.parametrize(
    ("packages", "build", "worker"),
    [
        (("vite",), "vite build --outDir out", "out"),
        (("vite",), "vite build --outDir=out --mode x", "out"),
        (("vite",), "vite build web", "web/dist"),
        (("astro",), "astro build --outDir=public", "public"),
        (("vitepress",), "vitepress build docs", "docs/.vitepress/dist"),
        (("@11ty/eleventy",), "eleventy --output=public", "public"),
        (("nuxt",), "nuxt generate", ".output/public"),
    ],
)
def test_the_script_decides(
    web: Callable[..., str], packages: tuple[str, ...], build: str, worker: str
) -> None:
    assert web(packages, {}, build).split()[-1] == worker


ANGULAR = """{"projects": {"shop": {"projectType": "application", "architect": {"build": {
    "builder": "@angular-devkit/build-angular:%s", "options": %s}}}}}"""


@pytest.mark.parametrize(
    ("builder", "options", "worker"),
    [
        ("application", '{"outputPath": "dist/shop"}', "dist/shop/browser"),
        ("application", "{}", "dist/shop/browser"),
        ("browser", '{"outputPath": "dist/shop"}', "dist/shop"),
        ("application", '{"outputPath": {"base": "out", "browser": ""}}', "out"),
        ("application", '{"ssr": true}', "dist/shop/server/server.mjs"),
    ],
)
def test_angular_says_where_it_builds(
    web: Callable[..., str], builder: str, options: str, worker: str
) -> None:
    line = web(("@angular/core",), {"angular.json": ANGULAR % (builder, options)})
    assert line.split()[-1] == worker


@pytest.mark.parametrize(
    ("packages", "files", "message"),
    [
        (
            ("@sveltejs/kit", "vite"),
            {},
            r"^package\.json:\d+: SvelteKit is built with adapter-auto",
        ),
        (
            ("@sveltejs/kit", "@sveltejs/adapter-vercel", "vite"),
            {"svelte.config.js": "import a from '@sveltejs/adapter-vercel'"},
            r"^svelte\.config\.js: SvelteKit is built with adapter-vercel",
        ),
        (
            ("astro", "@astrojs/vercel"),
            {"astro.config.mjs": "import v from '@astrojs/vercel'"},
            r"^astro\.config\.mjs: Astro is built for vercel",
        ),
        (
            ("astro", "@astrojs/node"),
            {"astro.config.mjs": "import n from '@astrojs/node'; n({ mode: 'middleware' })"},
            "has no server",
        ),
        (("@tanstack/react-start", "vite"), {}, "nothing here makes a server of it"),
    ],
)
def test_what_is_meant_for_another_kind_of_host_is_refused(
    web: Callable[..., str], packages: tuple[str, ...], files: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        web(packages, files)
    assert error.value.tip


def test_angular_without_build_options_is_refused(web: Callable[..., str]) -> None:
    with pytest.raises(UnsupportedError, match=r"^angular\.json: ") as error:
        web(("@angular/core",), {"angular.json": "{}"})
    assert "static-dir" in error.value.tip


def test_a_server_that_refuses_to_serve_a_site_is_not_started(plan: Make, lock: Make) -> None:
    wanted = {"dependencies": {"next": "^1"}}
    scripts = {"build": "next build", "start": "next start -p $PORT"}
    files = {
        "package.json": {**wanted, "scripts": scripts},
        "package-lock.json": lock("next", **wanted),
        "next.config.js": "module.exports = { output: 'export' }",
    }
    assert plan(files).runtime.workers["web"].endswith(" out")
    files["next.config.js"] = "module.exports = {}"
    assert plan(files).runtime.workers["web"] == "next start -p $PORT"


@pytest.mark.parametrize(
    "start",
    [
        "nest start",
        "npx @11ty/eleventy --serve --quiet",
        "eleventy --serve",
        "cross-env NODE_ENV=x next dev",
        "nodemon server.js",
        "NODE_ENV=production nuxt dev",
    ],
)
def test_a_script_for_production_is_started_where_start_is_for_development(
    plan: Make, lock: Make, start: str
) -> None:
    scripts = {"start": start, "start:prod": "node dist/main", "build": "build it"}
    files = {"package.json": {"scripts": scripts}, "package-lock.json": lock()}
    assert plan(files).runtime.workers == {"web": "node dist/main"}


def test_what_the_worker_starts_is_kept_though_it_is_for_development(
    plan: Make, lock: Make
) -> None:
    groups = {"dependencies": {"a": "^1"}, "devDependencies": {"tsx": "^1"}}
    manifest = {**groups, "scripts": {"start": "tsx server.ts", "build": "build it"}}
    locked = lock("a", "tsx", **groups)
    locked["packages"]["node_modules/tsx"]["dev"] = True
    found = plan({"package.json": manifest, "package-lock.json": locked})
    assert [each.name for each in found.dependencies] == ["a", "tsx"]
    why = [each for each in found.evidence if each.choice == "development dependencies are kept"]
    assert [(each.reason, each.file) for each in why] == [
        ("web starts tsx, which is one of them", "package.json")
    ]


def test_next_start_has_typescript_where_its_configuration_is_in_it(plan: Make, lock: Make) -> None:
    groups = {"dependencies": {"next": "^1"}, "devDependencies": {"typescript": "^1", "b": "^1"}}
    manifest = {**groups, "scripts": {"start": "next start", "build": "next build"}}
    locked = {"package-lock.json": lock("next", "typescript", "b", **groups)}
    for name in groups["devDependencies"]:
        locked["package-lock.json"]["packages"][f"node_modules/{name}"]["dev"] = True
    found = plan({"package.json": manifest, **locked, "next.config.js": "module.exports = {}"})
    assert [each.name for each in found.dependencies] == ["next"]
    found = plan({"package.json": manifest, **locked, "next.config.ts": "export default {}"})
    assert [each.name for each in found.dependencies] == ["next", "typescript"]


def test_fonts_from_the_network_are_refused_before_the_build(plan: Make, lock: Make) -> None:
    wanted = {"dependencies": {"next": "^1"}}
    manifest = {**wanted, "scripts": {"start": "next start", "build": "next build"}}
    files = {"package.json": manifest, "package-lock.json": lock("next", **wanted)}
    layout = {"app/layout.tsx": 'import a from "b";\nimport { Geist } from "next/font/google";\n'}
    with pytest.raises(InputError, match=r"^app/layout\.tsx:2: takes fonts from the network"):
        plan({**files, **layout})
    mocked = '[env]\nNEXT_FONT_GOOGLE_MOCKED_RESPONSES = "fonts.js"\n'
    plan({**files, **layout, "hop3.toml": mocked})


def test_a_port_of_the_code_is_a_warning(plan: Make) -> None:
    found = plan({"server.js": "const app = make();\napp.listen(3000);\n"})
    assert [str(each) for each in found.warnings] == [
        "server.js:2: listens on port 3000, and nothing here reads the one that it is given"
    ]
    found = plan({"server.js": "app.listen(process.env.PORT || 3000);\n"})
    assert found.warnings == ()
