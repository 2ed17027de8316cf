"""How a host without Nix builds the same: the app's own package manager, in the app's tree.

Install scripts run where they do under Nix: those that the app allows, and the compilation of
packages that have a binding.gyp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.plan import APP_TREE, LocalRecipe, PathRef, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.plan import Value
    from hop3_nix.toolchains.node.managers import Manager, Name

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


class Local(NamedTuple):
    """What a local build has: the interpreter, the package manager, the scripts it may run."""

    interpreter: str
    manager: Manager
    allow_scripts: Sequence[str]


def local_recipes(
    local: Local, *, built: bool, present: bool, site_alone: bool
) -> tuple[LocalRecipe, ...]:
    """Return the recipe for a machine that has what ``local`` says.

    ``built`` says that build steps need the development dependencies, ``present`` that there is
    anything to install, ``site_alone`` that nothing of it is needed when the build is done.
    """
    link: tuple[Step, ...] = (
        Step(argv=("mkdir", "-p", BIN, HOST_BIN)),
        Step(argv=("ln", "-sfn", local.interpreter, PathRef(layer="deps", path="bin/node"))),
    )
    if not present:
        return (LocalRecipe(requires=(), steps=link),)
    name = local.manager.name
    env: dict[str, Value] = {"CI": "1", "NODE_ENV": ""}
    bin_directory = Step(argv=("mkdir", "-p", BIN))
    install = (
        Step(argv=_INSTALL[name] + (() if built else _PRODUCTION[name]), env=env),
        Step(
            argv=(
                *(local.interpreter, "-e", _COMPILE, APP_TREE, " ".join(local.allow_scripts)),
                *("pnpm" if name == "pnpm" else "npm", "rebuild"),
            ),
            env=env,
        ),
        bin_directory,
    )
    finish: tuple[Step, ...] = ()
    if site_alone:
        finish = (Step(argv=("rm", "-rf", MODULES)), bin_directory)
    elif built:
        finish = (Step(argv=_PRUNE[name], env=env), bin_directory)
    requires = tuple(dict.fromkeys((name, "npm")))
    return (LocalRecipe(requires=requires, steps=(*link, *install), finish=finish),)


_INSTALL: Final[dict[Name, tuple[Value, ...]]] = {
    "npm": ("npm", "ci", "--prefix", APP_TREE, "--ignore-scripts", "--no-audit", "--no-fund"),
    "pnpm": ("pnpm", "--dir", APP_TREE, "install", "--frozen-lockfile", "--ignore-scripts"),
    "yarn": ("yarn", "--cwd", APP_TREE, "install", "--frozen-lockfile", "--ignore-scripts"),
}
_PRODUCTION: Final[dict[Name, tuple[Value, ...]]] = {
    "npm": ("--omit=dev",),
    "pnpm": ("--prod",),
    "yarn": ("--production",),
}
_PRUNE: Final[dict[Name, tuple[Value, ...]]] = {
    "npm": (
        *("npm", "prune", "--prefix", APP_TREE, "--omit=dev", "--ignore-scripts"),
        *("--no-audit", "--no-fund"),
    ),
    "pnpm": ("pnpm", "--dir", APP_TREE, "prune", "--prod", "--ignore-scripts"),
    "yarn": (*_INSTALL["yarn"], "--production", "--prefer-offline"),
}
