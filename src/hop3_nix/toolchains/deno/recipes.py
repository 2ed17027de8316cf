"""How a host without Nix builds the same: its own Deno fills a cache of the release's own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import APP_TREE, LocalRecipe, PathRef, Step
from hop3_nix.toolchains.deno.dependencies import JSR
from hop3_nix.toolchains.deno.project import importing_by_address

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan, Value
    from hop3_nix.toolchains.app import App

CACHE: Final = PathRef(layer="deps", path="deno")
BIN: Final = PathRef(layer="deps", path="bin")
NPM_URL: Final = "http://npm.invalid/"
JSR_URL: Final = "https://jsr.invalid/"
"""Registries by addresses that nobody has: what is not in the cache cannot be fetched."""

_RENAME: Final = """
set -e
cd "$1" && shift
for each in npm/*/; do
  case $each in npm/npm.invalid/ | 'npm/*/') ;; *) mv "$each" npm/npm.invalid ;; esac
done
for manifest; do
  for each in remote/*/*/"$manifest"; do
    if [ -e "$each" ]; then
      mkdir -p remote/https
      # Copied: modules by their addresses may be from there as well.
      cp -R "${each%/*}" remote/https/jsr.invalid
      exit
    fi
  done
done
"""
"""Give the registries, wherever they are, the addresses that the application has for them."""


_SETTLE: Final = """
cd "$1"
for config in deno.json deno.jsonc; do
  [ ! -f "$config" ] ||
    sed -i -E 's/("nodeModulesDir"[[:space:]]*:[[:space:]]*)("auto"|true)/\\1"manual"/' "$config"
done
"""
"""Installed once: Deno would see to node_modules, and write, whenever it starts."""


def local_recipes(app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, whose interpreter is a program of this machine."""
    deno = plan.interpreter
    link = (
        Step(argv=("mkdir", "-p", BIN, CACHE)),
        Step(argv=("ln", "-sfn", deno, PathRef(layer="deps", path="bin/deno"))),
    )
    if not plan.dependencies:
        return (LocalRecipe(requires=(), steps=link),)
    files = importing_by_address(app.source)
    entries = [(), ("--entrypoint", *files)] if files else [()]
    install: tuple[Value, ...] = (
        *("sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", APP_TREE, deno),
        *("install", "--frozen", "--node-modules-dir=none"),
    )
    manifests = (
        hashlib.sha256(f"/{each.filename.removeprefix(JSR)}".encode()).hexdigest()
        for each in plan.dependencies
        if each.filename.startswith(JSR) and each.filename.endswith("_meta.json")
    )
    return (
        LocalRecipe(
            requires=(),
            steps=(
                *link,
                *(Step(argv=(*install, *more), env={"DENO_DIR": CACHE}) for more in entries),
                Step(argv=("sh", "-c", _RENAME, "sh", CACHE, *manifests)),
            ),
            finish=(Step(argv=("sh", "-c", _SETTLE, "sh", APP_TREE)),),
        ),
    )
