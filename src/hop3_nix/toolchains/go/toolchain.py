"""Go, as a language: applications with a go.mod. docs/go.md has every decision."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.go.digests import pinned_files
from hop3_nix.locks.go.modfile import MOD, WORK
from hop3_nix.locks.go.modules import MODULES_TXT, read_modules
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.go.arguments import DepsArguments
from hop3_nix.toolchains.go.locking import locate_plan, write_lock
from hop3_nix.toolchains.go.packages import name_of, read_packages
from hop3_nix.toolchains.go.recipes import BIN, local_recipes
from hop3_nix.toolchains.go.settings import decide_settings
from hop3_nix.toolchains.go.starting import build_steps, guesses
from hop3_nix.toolchains.go.versions import VERSIONS
from hop3_nix.toolchains.language import About, Answer, Language, Layers, Marker, Probe, Start
from hop3_nix.toolchains.platform import ZONEINFO

if TYPE_CHECKING:
    from hop3_nix.locks.go.modules import GoModules
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App

_RELEASE: Final = re.compile(r"go(\d+\.\d+(?:\.\d+)?)(?: .*)?")


def layers(app: App, _offer: AnyOffer, target: Target) -> Layers:
    """Return the modules that go.sum pins, and what is compiled of them. Raises LockError."""
    modules, packages = app.read(read_modules), app.once(read_packages)
    settings = decide_settings(app)
    files = pinned_files(app.source, modules.needed())
    return Layers(
        dependencies=files,
        deps=DepsArguments(
            manifests=tuple(file for file in modules.manifests if app.source.has(file)),
            vendored=modules.vendored,
            imports=packages.imports,
            environment=settings.environment,
        ),
        reads_source=True,
        # Go reads no TZDIR.
        env={"ZONEINFO": ZONEINFO},
        # On this machine, build steps find the compiler there.
        path=(BIN,) if target.on_host else (),
        interpreted=False,
        packages=frozenset(module.path for module, _ in modules.required),
        about=About(name=_named(modules)),
        evidence=(_counted(modules), *settings.evidence),
    )


def parse(said: str) -> Answer | None:
    """Return what a Go on this machine is; none that is not released."""
    version, root = (json.loads(said)[name] for name in ("GOVERSION", "GOROOT"))
    release = _RELEASE.fullmatch(version)
    return Answer(release[1], "", f"{root}/bin/go") if release else None


def _named(modules: GoModules) -> str:
    """Return what Go would call a program of the module, as far as it can be a name."""
    last = name_of(modules.top.module)
    return last if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", last) else ""


def _counted(modules: GoModules) -> Evidence:
    if modules.vendored:
        return Evidence(
            choice="dependencies", reason="modules in vendor/, which Go takes", file=MODULES_TXT
        )
    required = {module for module, _ in modules.required}
    reason = f"modules that are required: {len(required)}"
    return Evidence(choice="dependencies", reason=reason, file=modules.top.file)


TOOLCHAIN: Final = Language(
    name="go",
    title="Go",
    markers=(
        Marker(MOD, "a Go module"),
        Marker(WORK, "a workspace of Go modules"),
        Marker("main.go", "a program in Go"),
    ),
    versions=VERSIONS,
    probe=Probe(
        re.compile(r"go"),
        ("env", "-json", "GOVERSION", "GOROOT"),
        parse,
        {"GOTOOLCHAIN": "local", "GOENV": "off"},
    ),
    layers=layers,
    steps=build_steps,
    start=Start(
        guesses=guesses,
        sought="and of several programs none is called web, server, api, app or as the module",
        example="web: bin/NAME",
    ),
    lock=lambda app, offer, _target, tools: write_lock(app, offer, tools),
    locate=lambda plan, offer, _target, tools: locate_plan(plan, offer, tools),
    recipe=local_recipes,
)
