"""Bun, as a language: Node's tables, with another program and its lockfile. See docs/bun.md."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import PackageRef
from hop3_nix.toolchains.bun.recipes import local_recipes
from hop3_nix.toolchains.bun.versions import VERSIONS
from hop3_nix.toolchains.language import Answer, Language, Marker, Probe, Start
from hop3_nix.toolchains.node import toolchain as node
from hop3_nix.toolchains.node.assets import assets_for
from hop3_nix.toolchains.node.building import build_steps
from hop3_nix.toolchains.node.dependencies import DepsArguments
from hop3_nix.toolchains.node.managers import OF_BUN, sign_of_bun
from hop3_nix.toolchains.node.registry import locate_plan, mirrored_plan
from hop3_nix.toolchains.node.starting import guesses_with, known_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import AnyOffer, BuildPlan, Evidence, Target
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Assets, Tools
    from hop3_nix.toolchains.language import Guess, Layers

RUNNER: Final = PackageRef(package="hop3.bun.runner")
"""Bun by the names of Node and of other package managers, as scripts call them."""

TOOLBOX: Final = "nodejs_24"
"""What addons are compiled with, for which Bun has no headers of its own."""

_STEMS: Final = ("server", "index", "app", "main", "src/server", "src/index", "src/app", "src/main")
_ENDINGS: Final = ("ts", "tsx", "js", "mjs", "mts", "cjs", "jsx")
SCRIPTS: Final = tuple(f"{stem}.{ending}" for stem in _STEMS for ending in _ENDINGS)
"""Scripts that are started when package.json says nothing."""


def detect(app: App) -> Evidence | None:
    """Return what tells that Bun is meant, or None."""
    return sign_of_bun(app)


def layers(app: App, offer: AnyOffer, target: Target) -> Layers:
    """Return the packages that bun.lock pins, and where Bun finds them. Raises LockError."""
    made = node.layers(app, offer, target)
    arguments = made.deps
    compiles = isinstance(arguments, DepsArguments) and arguments.compile
    path = tuple(RUNNER if each == node.RUNNER else each for each in made.path)
    # Bun looks for modules from the place of a file alone, as Node does for its own modules.
    return replace(made, tools={"toolbox": TOOLBOX} if compiles else {}, path=path, env={})


def find_assets(app: App, config: AppConfig) -> Assets | None:
    """Return what the package.json of ``app`` has to build, if Bun is meant."""
    return assets_for("bun", app, config) if sign_of_bun(app) else None


def guesses(app: App, layers: Layers) -> Iterator[Guess]:
    """Yield what starts ``app``. Raises ConfigError if a script is not there."""
    return guesses_with(app, layers, "bun", ("module", "main"), SCRIPTS)


def locate(plan: BuildPlan, offer: AnyOffer, _target: Target, tools: Tools) -> BuildPlan:
    """Return ``plan`` with the addresses that npm's registry has for what has none."""
    return locate_plan(plan, offer, tools)


def parse(said: str) -> Answer | None:
    """Return what a Bun on this machine is."""
    version, _, program = said.strip().partition(" ")
    return Answer(version, "", program) if program else None


TOOLCHAIN: Final = Language(
    name="bun",
    title="Bun",
    markers=tuple(Marker(file, "a file of Bun") for file in OF_BUN),
    detect=detect,
    versions=VERSIONS,
    probe=Probe(re.compile(r"bun"), ("-e", "console.log(Bun.version, process.execPath)"), parse),
    # What is not locked is never fetched while the application runs.
    env={"BUN_OPTIONS": "--no-install", "BUN_RUNTIME_TRANSPILER_CACHE_PATH": "0"},
    defaults={"NODE_ENV": "production", "DO_NOT_TRACK": "1"},
    layers=layers,
    steps=build_steps,
    site_alone=node.site_alone,
    start=Start(
        guesses=guesses,
        sought='no "start" among the scripts of package.json, no framework that is known, no '
        '"module" or "main" that is there, and no server.ts or index.ts',
        example="web: bun src/index.ts",
        rewrite=node.rewrite,
        step=node.check_step,
        site=known_site,
    ),
    assets=find_assets,
    mirrored=mirrored_plan,
    locate=locate,
    recipe=local_recipes,
)
