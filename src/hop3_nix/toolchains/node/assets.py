"""What Node makes for an application of another language: what its build script writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence
from hop3_nix.toolchains.base import Assets
from hop3_nix.toolchains.node.building import SCRIPTS
from hop3_nix.toolchains.node.managers import LOCKFILES, sign_of_bun
from hop3_nix.toolchains.node.manifest import FILE, read_manifest

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

READ_EVERYTHING: Final = (
    "tailwindcss",
    "@tailwindcss/cli",
    "@tailwindcss/postcss",
    "@tailwindcss/vite",
    "unocss",
    "purgecss",
    "@fullhuman/postcss-purgecss",
)
"""Packages that keep of a style sheet what the application's templates use, wherever those are."""

_CALLS_IT: Final = re.compile(r"(?:^|[\s;&|(/])(?:node|bunx?)(?:\s|$)|\bnode_modules/\.bin/")


def find_assets(app: App, config: AppConfig) -> Assets | None:
    """Return what the package.json of ``app`` has to build; None if nothing, or Bun does it."""
    return None if sign_of_bun(app) else assets_for("node", app, config)


def _is_denos(source: Source) -> bool:
    """Return whether Deno locks what package.json asks for, and runs its scripts."""
    others = (file for files in LOCKFILES.values() for file in files)
    return source.has("deno.lock") and not any(map(source.has, others))


def assets_for(language: str, app: App, config: AppConfig) -> Assets | None:
    """Return what the package.json of ``app`` has to build in ``language``, or None."""
    if not app.source.has(FILE) or _is_denos(app.source):
        return None
    manifest = app.read(read_manifest)
    script = next((name for name in SCRIPTS if name in manifest.scripts), "")
    whole_tree = bool(manifest.depends(*READ_EVERYTHING))
    for worker, command in (*config.workers.items(), *(("", each) for each in config.before_run)):
        if _CALLS_IT.search(command):
            file, line = config.where(f"run.workers.{worker}" if worker else "run.before-run")
            reason = f"{worker or 'before-run'} calls its programs"
            evidence = Evidence(
                choice=f"stage: {language}, kept", reason=reason, file=file, line=line
            )
            return Assets(evidence, wanted=True, whole_tree=whole_tree, kept=True)
    if not script:
        reason = f"{FILE} has no script {SCRIPTS[-1]}, so it lists tools of developers"
        return Assets(
            Evidence(choice=f"no stage: {language}", reason=reason, file=FILE), wanted=False
        )
    line = manifest.line("scripts", script)
    evidence = Evidence(
        choice=f"stage: {language}", reason=f"scripts.{script}", file=FILE, line=line
    )
    return Assets(evidence, wanted=True, whole_tree=whole_tree)
