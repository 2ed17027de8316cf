"""Node, as a language: locked by npm, pnpm or Yarn. docs/node.md has every decision."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.node.base import TargetNode
from hop3_nix.plan import Evidence, HostOffer, PackageRef
from hop3_nix.toolchains.language import (
    About,
    Answer,
    Language,
    Layers,
    Marker,
    Probe,
    Start,
)
from hop3_nix.toolchains.node.assets import find_assets
from hop3_nix.toolchains.node.building import allowed_scripts, build_steps, decide_building
from hop3_nix.toolchains.node.checking import find_problems
from hop3_nix.toolchains.node.commands import Place, write_out
from hop3_nix.toolchains.node.dependencies import AppArguments, decide_modules
from hop3_nix.toolchains.node.frameworks import TITLES
from hop3_nix.toolchains.node.install_scripts import not_run
from hop3_nix.toolchains.node.kept import keeping, kept_development
from hop3_nix.toolchains.node.locking import write_lock
from hop3_nix.toolchains.node.managers import check_name, choose_manager
from hop3_nix.toolchains.node.manifest import FILE, read_manifest
from hop3_nix.toolchains.node.packages import Packages
from hop3_nix.toolchains.node.recipes import BIN, HOST_BIN, MODULES, local_recipes
from hop3_nix.toolchains.node.registry import locate_plan, mirrored_plan, toolbox_of
from hop3_nix.toolchains.node.starting import EXAMPLE, SOUGHT, guesses, known_site
from hop3_nix.toolchains.node.syntax import with_syntax
from hop3_nix.toolchains.node.trees import whole_tree
from hop3_nix.toolchains.node.versions import VERSIONS
from hop3_nix.toolchains.static.site import usual_site

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Place as Where
    from hop3_nix.toolchains.node.dependencies import Modules

RUNNER: Final = PackageRef(package="hop3.node.runner")
"""npm, pnpm and yarn as far as scripts of an application call them while it runs."""

_ASK: Final = (
    "const { glibcVersionRuntime } = process.report.getReport().header;"
    "console.log(JSON.stringify([process.versions.node, glibcVersionRuntime ?? '',"
    " process.execPath]))"
)


def detect(app: App) -> Evidence | None:
    """Return the first of the files that tell Node, or None.

    A package.json that only lists tools, beside the pages of a site, tells nothing.
    """
    manifest = app.read(read_manifest)
    runs = manifest.scripts.keys() & {"start", "build"} or manifest.string("main")
    if not (runs or manifest.dependencies) and usual_site(app.source) is not None:
        return None
    return TOOLCHAIN.marker_of(app)


def layers(app: App, offer: AnyOffer, target: Target) -> Layers:
    """Return the packages that the lockfile pins, and where Node finds them. Raises LockError."""
    manifest, manager = app.read(read_manifest), app.once(choose_manager)
    built = app.once(decide_building).built
    tree, more = whole_tree(app, TargetNode(target.system))
    kept = app.once(kept_development)
    tree = keeping(tree, kept)
    allowed = allowed_scripts(app.source, manifest)
    modules = decide_modules(app.source, tree, built=built, allowed=allowed)
    # On this machine, the build steps find their programs there as well.
    on_host = (BIN, HOST_BIN) if target.on_host else ()
    return Layers(
        dependencies=modules.dependencies,
        build_dependencies=modules.build_dependencies,
        tools={"toolbox": toolbox_of(offer).named},
        deps=modules.arguments,
        env={"NODE_PATH": MODULES} if modules.present else {},
        path=on_host or ((BIN, RUNNER) if modules.present else (RUNNER,)),
        about=About(
            check_name(manifest), manifest.string("version"), manifest.string("description")
        ),
        warnings=tuple(not_run(tree, manager.name, allowed, built=built)),
        evidence=(
            *manager.evidence,
            *_counted(tree.file, modules),
            *kept.evidence,
            *(
                Evidence(choice="dependencies", reason="of a directory that is used", file=file)
                for file in more
            ),
        ),
    )


def site_alone(layers: Layers, offer: AnyOffer) -> Layers:
    """Return what is left when nothing of Node runs: the server shows what the build has made."""
    # On this machine, the build steps find their programs there.
    path = layers.path if isinstance(offer, HostOffer) else ()
    return replace(
        layers, app=AppArguments(node_modules="none"), env={}, path=path, interpreted=False
    )


def rewrite(app: App, line: str, where: Where) -> str:
    """Return ``line`` without the package manager. Raises ConfigError if a script is not there."""
    return write_out(line, app.read(Packages), Place(*where))


def check_step(app: App, line: str, where: Where) -> str:
    """Return the build step ``line``: the package manager's words are there while building.

    Raises ConfigError if it runs a script that is not there.
    """
    write_out(line, app.read(Packages), Place(*where))
    return line


def parse(said: str) -> Answer | None:
    """Return what a Node on this machine is; one without glibc cannot run what others compiled."""
    version, libc, program = json.loads(said)
    return Answer(version, libc, program) if libc else None


def _counted(lockfile: str, modules: Modules) -> tuple[Evidence, ...]:
    if not lockfile:
        return ()
    run, build = len(modules.dependencies), len(modules.build_dependencies)
    reason = f"{run} packages" + (f", and {build} for the build steps" if build else "")
    return (Evidence(choice="dependencies", reason=reason, file=lockfile),)


TOOLCHAIN: Final = Language(
    name="node",
    title="Node",
    frameworks=TITLES,
    markers=(
        Marker(FILE, "a Node package"),
        # index.js is not among them: pages of static sites have one as well.
        Marker("server.js", "a script of Node at the top"),
        Marker("server.mjs", "a script of Node at the top"),
        Marker("index.mjs", "a script of Node at the top"),
    ),
    detect=detect,
    versions=VERSIONS,
    probe=Probe(re.compile(r"node(js)?"), ("-e", _ASK), parse),
    defaults={"NODE_ENV": "production"},
    layers=layers,
    check=find_problems,
    complete=with_syntax,
    steps=build_steps,
    site_alone=site_alone,
    start=Start(
        guesses=guesses,
        sought=SOUGHT,
        example=EXAMPLE,
        rewrite=rewrite,
        step=check_step,
        site=known_site,
    ),
    assets=find_assets,
    lock=lambda app, offer, _target, tools: write_lock(app, offer, tools),
    mirrored=mirrored_plan,
    locate=lambda plan, offer, _target, tools: locate_plan(plan, offer, tools),
    recipe=local_recipes,
)
