"""What a package.json implies of how the application is started."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.toolchains.language import Guess
from hop3_nix.toolchains.node.building import SCRIPTS as BUILDS
from hop3_nix.toolchains.node.building import decide_building
from hop3_nix.toolchains.node.commands import Place, calls_manager, write_out
from hop3_nix.toolchains.node.frameworks import find_framework, is_development
from hop3_nix.toolchains.node.manifest import FILE, read_manifest
from hop3_nix.toolchains.node.packages import Packages
from hop3_nix.toolchains.static.site import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers
    from hop3_nix.toolchains.node.configured import Served
    from hop3_nix.toolchains.node.manifest import Manifest

SOUGHT: Final = (
    f'no "start" among the scripts of {FILE}, no framework that is known, no "main" that is '
    "there, and no server.js or index.js"
)
EXAMPLE: Final = "web: node server.js"

_OWN_SERVER: Final = re.compile(r"\s*(?:next\s+start|react-router-serve|nux[ti]\s+start)\b")

STARTS: Final = ("start", "start:prod", "start:production")
"""Scripts that start an application; the others of the first that starts a development server."""

_STEMS: Final = ("server", "index", "app", "main", "src/server", "src/index", "src/app", "src/main")
_ENDINGS: Final = ("js", "mjs", "cjs")
SCRIPTS: Final = tuple(f"{stem}.{ending}" for stem in _STEMS for ending in _ENDINGS)
"""Scripts that are started when package.json says nothing."""


def guesses(app: App, layers: Layers) -> Iterator[Guess]:
    """Yield what starts ``app``. Raises ConfigError if a script is not there."""
    return guesses_with(app, layers, "node", ("main",), SCRIPTS)


def guesses_with(
    app: App, layers: Layers, program: str, keys: tuple[str, ...], scripts: tuple[str, ...]
) -> Iterator[Guess]:
    """Yield what starts ``app``, whose files ``program`` runs: those at ``keys``, else ``scripts``.

    Raises ConfigError if a script of package.json is not there.
    """
    source, manifest = app.source, app.read(read_manifest)
    framework = app.once(known_framework)
    if script := start_script(manifest, framework):
        line = manifest.line("scripts", script)
        called = f"bun run {script}" if program == "bun" else _npm(script)
        command = write_out(called, app.read(Packages), Place(FILE, line))
        how = "" if calls_manager(command) or program == "bun" else ", without npm"
        yield Guess(f"scripts.{script}{how}", FILE, line, command)
    if framework is not None and framework.command:
        line = manifest.line(framework.package)
        command = _run_by(program, framework.command)
        yield Guess(framework.title, FILE, line, command)
    main, key = _main_files(manifest, keys)
    # The sources of a page may be called index or main, and its package.json say so.
    for file in () if source.has(INDEX) else main:
        if source.has(file):
            yield Guess(key, FILE, manifest.line(key), f"{program} {shlex.quote(file)}")
    if site := known_site(app, layers):
        yield site
    if main and app.once(decide_building).built:
        yield Guess(key, FILE, manifest.line(key), f"{program} {shlex.quote(main[0])}")
    for file in (*main, *scripts):
        if source.has(file):
            yield Guess("a script of this name", file, command=f"{program} {shlex.quote(file)}")


def start_script(manifest: Manifest, framework: Served | None) -> str:
    """Return the first script that starts the application for those who use it, empty for none."""
    for name in STARTS:
        text = manifest.scripts.get(name, "")
        # The framework's own server refuses to serve what is a site.
        refuses = framework is not None and framework.site and _OWN_SERVER.match(text)
        if text and not is_development(text) and not refuses:
            return name
    return ""


def _npm(script: str) -> str:
    return "npm start" if script == "start" else f"npm run {script}"


def _run_by(program: str, command: str) -> str:
    """Return ``command`` with ``program`` in Node's place; ``build`` is a word of Bun's own."""
    if program == "node":
        return command
    return re.sub(r"\bnode (\./)?(?=[.\w])", f"{program} ./", command)


def known_framework(app: App) -> Served | None:
    """Return how the framework of ``app`` serves it, or None."""
    packages = app.read(Packages)
    manifest = packages.manifest()
    script = next((name for name in BUILDS if name in manifest.scripts), "")
    written = write_out(f"npm run {script}", packages, Place(FILE, None)) if script else ""
    return find_framework(app.source, manifest, "\n".join((*app.config.build, written)))


def known_site(app: App, _layers: Layers) -> Guess | None:
    """Return the site that a locked tool makes, or None."""
    made = app.once(known_framework)
    if made is None or made.site is None:
        return None
    line = app.read(read_manifest).line(made.package)
    return Guess(f"what {made.title} makes", FILE, line, site=made.site)


def _main_files(manifest: Manifest, keys: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the files that the first of ``keys`` may mean, as Node looks for them, and the key."""
    key = next((key for key in keys if manifest.string(key)), keys[0])
    path = manifest.string(key).removeprefix("./").rstrip("/")
    return ((path, f"{path}.js", f"{path}/index.js") if path else ()), key
