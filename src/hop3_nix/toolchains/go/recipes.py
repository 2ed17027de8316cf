"""How a host without Nix builds the same: with its own Go, which checks modules by go.sum.

What is fetched and compiled is kept where Go of this machine keeps it.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import APP_TREE, LocalRecipe, LockedFile, PathRef, Step
from hop3_nix.toolchains.go.arguments import DepsArguments

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App

BIN: Final = PathRef(layer="deps", path="bin")
"""Holds the compiler as build steps call it, and nothing when they are done."""

_WRAPPER: Final = "go-of-this-build"


def local_recipes(_app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, whose compiler is a program of this machine."""
    arguments = DepsArguments.of(plan.options.deps)
    located = [file for file in plan.dependencies if isinstance(file, LockedFile)]
    proxies = {file.url.removesuffix(f"/{file.filename}") for file in located}
    settings = {
        **arguments.environment,
        "GO111MODULE": "on",
        "GOFLAGS": " ".join(("-trimpath", "-buildvcs=false", *arguments.flags)),
        # Where a lockfile names no proxy, it is that of this machine and its user, who may have
        # written it into Go's own file.
        **({"GOPROXY": ",".join(sorted(proxies))} if proxies else {}),
        **({} if plan.dependencies else {"GOENV": "off", "GOPROXY": "off"}),
        # What go.sum does not have is refused in any case.
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
    }
    exports = [f"export {name}={shlex.quote(value)}" for name, value in sorted(settings.items())]
    wrapper = ["#!/bin/sh", *exports, f'exec {shlex.quote(plan.interpreter)} "$@"', ""]
    go = PathRef(layer="deps", path="bin/go")
    fetch = (Step(argv=(go, "-C", APP_TREE, "mod", "download")),) if plan.dependencies else ()
    return (
        LocalRecipe(
            requires=(),
            files={_WRAPPER: "\n".join(wrapper)},
            steps=(
                Step(argv=("mkdir", "-p", BIN)),
                Step(argv=("install", "-m", "755", _WRAPPER, go)),
                *fetch,
            ),
            # Nothing that runs needs it.
            finish=(Step(argv=("rm", go)),),
        ),
    )
