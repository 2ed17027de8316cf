"""How a host without Nix builds the same: the app's own package manager, in the app's tree.

Install scripts run where they do under Nix: those that the app allows, and the compilation of
packages that have a binding.gyp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.plan import APP_TREE, LocalRecipe, PathRef, Step
from hop3_nix.toolchains.node.dependencies import AppArguments, DepsArguments, is_berry
from hop3_nix.toolchains.node.kept import kept_development
from hop3_nix.toolchains.node.managers import choose_manager

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan, Value
    from hop3_nix.toolchains.app import App

HOST_BIN: Final = PathRef(layer="deps", path="bin")
"""Holds a link to the interpreter alone: nothing else of its directory comes along."""

MODULES: Final = PathRef(layer="app", path="app/node_modules")
BIN: Final = PathRef(layer="app", path="app/node_modules/.bin")

_COMPILE: Final = """
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

const [tree, allowed, program, ...rebuild] = process.argv.slice(1);
const names = new Set(allowed.split(" "));
const found = new Set();

function visit(directory) {
  if (!fs.existsSync(directory)) return;
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const inside = path.join(directory, entry.name);
    if (!entry.isDirectory()) continue;
    if (entry.name.startsWith("@") || entry.name === ".pnpm") {
      visit(inside);
      continue;
    }
    const file = path.join(inside, "package.json");
    if (fs.existsSync(file)) {
      const { name, gypfile, scripts } = JSON.parse(fs.readFileSync(file, "utf8"));
      const install = scripts?.install ?? "node-gyp";
      const compiles = gypfile !== false && /node-gyp|prebuild-install/.test(install)
        && fs.existsSync(path.join(inside, "binding.gyp"));
      if (names.has(name) || compiles) found.add(name);
    }
    visit(path.join(inside, "node_modules"));
  }
}

visit(path.join(tree, "node_modules"));
if (found.size) {
  const done = spawnSync(program, [...rebuild, ...found], { stdio: "inherit", cwd: tree });
  process.exit(done.status ?? 1);
}
"""


def local_recipes(app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, whose interpreter is a program of this machine."""
    manager = app.once(choose_manager)
    name, interpreter = manager.name, plan.interpreter
    built = bool(plan.build_steps)
    kept = app.once(kept_development)
    keeps = bool(kept.all or kept.names)
    link: tuple[Step, ...] = (
        Step(argv=("mkdir", "-p", BIN, HOST_BIN)),
        Step(argv=("ln", "-sfn", interpreter, PathRef(layer="deps", path="bin/node"))),
    )
    parsed = tuple(
        Step(argv=(interpreter, "--check", PathRef(layer="app", path=f"app/{file}")))
        for file in AppArguments.of(plan.options.app).checked
    )
    if not (plan.dependencies or plan.build_dependencies):
        return (LocalRecipe(requires=(), steps=link, finish=parsed),)
    commands = COMMANDS["yarn 2" if is_berry(app.source, manager) else name]
    allowed = DepsArguments.of(plan.options.deps).allow_scripts
    bin_directory = Step(argv=("mkdir", "-p", BIN))
    install = (
        Step(argv=commands.everything if built or keeps else commands.production, env=_ENVIRONMENT),
        Step(
            argv=(
                *(interpreter, "-e", _COMPILE, APP_TREE, " ".join(allowed)),
                *("pnpm" if name == "pnpm" else "npm", "rebuild"),
            ),
            env=_ENVIRONMENT,
        ),
        bin_directory,
    )
    finish: tuple[Step, ...] = ()
    if AppArguments.of(plan.options.app).node_modules == "none":
        finish = (Step(argv=("rm", "-rf", MODULES)), bin_directory)
    elif built and not keeps:
        finish = (Step(argv=commands.prune, env=_ENVIRONMENT), bin_directory)
    finish += parsed
    requires = tuple(dict.fromkeys((name, "npm")))
    return (LocalRecipe(requires=requires, steps=(*link, *install), finish=finish),)


class Commands(NamedTuple):
    """How a package manager installs everything, what the run time needs, and leaves only that."""

    everything: tuple[Value, ...]
    production: tuple[Value, ...]
    prune: tuple[Value, ...]


_NPM: Final[tuple[Value, ...]] = (
    *("--prefix", APP_TREE, "--ignore-scripts", "--no-audit", "--no-fund"),
)
_PNPM: Final[tuple[Value, ...]] = (
    *("pnpm", "--dir", APP_TREE, "install", "--frozen-lockfile", "--ignore-scripts"),
)
_YARN: Final[tuple[Value, ...]] = (
    *("yarn", "--cwd", APP_TREE, "install", "--frozen-lockfile", "--ignore-scripts"),
)
_FOCUS: Final[tuple[Value, ...]] = (
    *("yarn", "--cwd", APP_TREE, "workspaces", "focus", "--all", "--production"),
)
_BUN: Final[tuple[Value, ...]] = (
    *("bun", "install", "--cwd", APP_TREE, "--frozen-lockfile", "--ignore-scripts"),
    "--linker=hoisted",
)
COMMANDS: Final = {
    "npm": Commands(
        ("npm", "ci", *_NPM),
        ("npm", "ci", *_NPM, "--omit=dev"),
        ("npm", "prune", *_NPM, "--omit=dev"),
    ),
    "pnpm": Commands(
        _PNPM,
        (*_PNPM, "--prod"),
        ("pnpm", "--dir", APP_TREE, "prune", "--prod", "--ignore-scripts"),
    ),
    "yarn": Commands(_YARN, (*_YARN, "--production"), (*_YARN, "--production", "--prefer-offline")),
    # It has no command that leaves out what is there already.
    "bun": Commands(
        _BUN,
        (*_BUN, "--production"),
        (
            *("sh", "-c", 'rm -rf "$1/node_modules" && shift && exec "$@"', "sh", APP_TREE),
            *(*_BUN, "--production"),
        ),
    ),
    "yarn 2": Commands(("yarn", "--cwd", APP_TREE, "install", "--immutable"), _FOCUS, _FOCUS),
}
"""By package manager; Yarn is another program since its version 2."""

_ENVIRONMENT: Final[dict[str, Value]] = {
    "CI": "1",
    "NODE_ENV": "",
    "YARN_ENABLE_SCRIPTS": "0",
    "YARN_ENABLE_TELEMETRY": "0",
    "YARN_NODE_LINKER": "node-modules",
}
