"""Deno, as a language: applications with a deno.json. docs/deno.md has every decision."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.deno.dependencies import decide_files, read_lock
from hop3_nix.toolchains.deno.locking import locate_plan, write_lock
from hop3_nix.toolchains.deno.project import CONFIGS, LOCK, read_project
from hop3_nix.toolchains.deno.recipes import BIN, CACHE, JSR_URL, NPM_URL, local_recipes
from hop3_nix.toolchains.deno.starting import build_steps, guesses, rewrite
from hop3_nix.toolchains.deno.versions import VERSIONS
from hop3_nix.toolchains.language import About, Answer, Language, Layers, Marker, Probe, Start
from hop3_nix.toolchains.node.managers import LOCKFILES

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ASK: Final = "console.log(JSON.stringify([Deno.version.deno, Deno.execPath()]))"


def detect(app: App) -> Evidence | None:
    """Return the first of the files that tell Deno, or None if packages are Node's or Bun's."""
    if any(app.source.has(file) for files in LOCKFILES.values() for file in files):
        return None
    return TOOLCHAIN.marker_of(app)


def layers(app: App, _offer: AnyOffer, target: Target) -> Layers:
    """Return what deno.lock pins, and the cache that Deno finds it in. Raises LockError."""
    lock = read_lock(app.source, target)
    files, arguments = decide_files(app.source, lock)
    project = app.read(read_project)
    name = str(project.data.get("name", "")).rpartition("/")[2]
    version = project.data.get("version", "")
    return Layers(
        dependencies=files,
        deps=arguments,
        env={"DENO_DIR": CACHE, "JSR_URL": JSR_URL, "NPM_CONFIG_REGISTRY": NPM_URL},
        path=(BIN,) if target.on_host else (),
        packages=frozenset(each.name for each in lock.npm),
        about=About(
            name if _NAME.fullmatch(name) else "", version if isinstance(version, str) else ""
        ),
        evidence=_counted(project.lock, len(lock.npm), len(lock.jsr), len(lock.remote)),
    )


def parse(said: str) -> Answer | None:
    """Return what a Deno on this machine is."""
    version, program = json.loads(said)
    return Answer(version, "", program)


def _counted(lockfile: str, npm: int, jsr: int, remote: int) -> tuple[Evidence, ...]:
    if not npm + jsr + remote:
        return ()
    reason = f"{npm} packages of npm, {jsr} of JSR, {remote} modules by address"
    return (Evidence(choice="dependencies", reason=reason, file=lockfile),)


TOOLCHAIN: Final = Language(
    name="deno",
    title="Deno",
    markers=(*(Marker(file, "a Deno project") for file in CONFIGS), Marker(LOCK, "locked by Deno")),
    detect=detect,
    versions=VERSIONS,
    probe=Probe(re.compile(r"deno"), ("eval", _ASK), parse, {"DENO_NO_UPDATE_CHECK": "1"}),
    env={"DENO_NO_PROMPT": "1", "DENO_NO_UPDATE_CHECK": "1"},
    defaults={"DENO_ENV": "production"},
    layers=layers,
    steps=build_steps,
    start=Start(
        guesses=guesses,
        sought='no task "start" in deno.json, and no main.ts, server.ts or index.ts',
        example="web: deno serve --port $PORT main.ts",
        rewrite=rewrite,
        step=lambda _app, line, _where: line,
    ),
    lock=write_lock,
    locate=lambda plan, offer, _target, tools: locate_plan(plan, offer, tools),
    recipe=local_recipes,
)
