"""How a host without Nix builds the same: with its own Bun, in the app's tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import APP_TREE, LocalRecipe, PathRef, Step
from hop3_nix.toolchains.node.dependencies import AppArguments
from hop3_nix.toolchains.node.kept import kept_development
from hop3_nix.toolchains.node.manifest import read_manifest
from hop3_nix.toolchains.node.recipes import BIN, HOST_BIN, MODULES

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan, Value
    from hop3_nix.toolchains.app import App

_ENVIRONMENT: Final[dict[str, Value]] = {"CI": "1", "NODE_ENV": "", "DO_NOT_TRACK": "1"}


def local_recipes(app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, whose interpreter is a program of this machine."""
    interpreter, built = plan.interpreter, bool(plan.build_steps)
    # As under Nix, what asks for node is run by Bun.
    link = (
        Step(argv=("mkdir", "-p", BIN, HOST_BIN)),
        *(
            Step(argv=("ln", "-sfn", interpreter, PathRef(layer="deps", path=f"bin/{name}")))
            for name in ("bun", "bunx", "node")
        ),
    )
    if not (plan.dependencies or plan.build_dependencies):
        return (LocalRecipe(requires=(), steps=link),)
    # Install scripts run where they do under Nix: those that package.json lists.
    scripts = (
        () if read_manifest(app.source).texts("trustedDependencies") else ("--ignore-scripts",)
    )
    install: tuple[Value, ...] = (
        *(interpreter, "install", "--cwd", APP_TREE, "--frozen-lockfile", "--linker=hoisted"),
        *("--backend=copyfile", *scripts),
    )
    production = Step(argv=(*install, "--production"), env=_ENVIRONMENT)
    bin_directory = Step(argv=("mkdir", "-p", BIN))
    kept = app.once(kept_development)
    keeps = bool(kept.all or kept.names)
    first = Step(argv=install, env=_ENVIRONMENT) if built or keeps else production
    finish: tuple[Step, ...] = ()
    if AppArguments.of(plan.options.app).node_modules == "none":
        finish = (Step(argv=("rm", "-rf", MODULES)), bin_directory)
    elif (
        built
        and not keeps
        and plan.build_dependencies
        and AppArguments.of(plan.options.app) == AppArguments()
    ):
        finish = (Step(argv=("rm", "-rf", MODULES)), production, bin_directory)
    return (LocalRecipe(requires=(), steps=(*link, first, bin_directory), finish=finish),)
