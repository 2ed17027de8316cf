"""How a host without Nix builds the same.

The gems are fetched and verified, and then installed by the program that installs them in a Nix
build as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.files.resources import NIX
from hop3_nix.plan import APP_TREE, LocalRecipe, LockedFile, PathRef, Step
from hop3_nix.toolchains.ruby.dependencies import DepsArguments

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan, Value
    from hop3_nix.toolchains.app import App

SCRIPTS: Final = Path(__file__).with_name("scripts")
INSTALL: Final = NIX / "lib/languages/ruby/install_gems.rb"

DEPS: Final = PathRef(layer="deps")
BIN: Final = PathRef(layer="deps", path="bin")
"""Holds the programs of the gems, and a link to the interpreter."""

FETCHED: Final = "gems"
"""The directory, below the scratch directory, that gems are fetched to."""

CLEAN: Final = {"RUBYOPT": "", "RUBYLIB": "", "BUNDLE_GEMFILE": ""}
"""What the shell that we are called from may have set for another application."""

_ENVIRONMENT: Final[dict[str, Value]] = dict(CLEAN)


def local_recipes(_app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, whose interpreter is a program of this machine."""
    located = [file for file in plan.dependencies if isinstance(file, LockedFile)]
    vendored = DepsArguments.of(plan.options.deps).vendored
    gems = [
        {"filename": file.filename, "url": file.url, "sha256": file.sha256} for file in located
    ] + [{"filename": name, "source": path} for name, path in sorted(vendored.items())]
    given = [{**gem, "path": f"{FETCHED}/{gem['filename']}"} for gem in gems]

    def ruby(*argv: Value) -> Step:
        return Step(argv=(plan.interpreter, *argv), env=_ENVIRONMENT)

    return (
        LocalRecipe(
            requires=(),
            files={
                "gems.json": json.dumps({"gems": given}, indent=1),
                "fetch_gems.rb": _text(SCRIPTS / "fetch_gems.rb"),
                "install_gems.rb": _text(INSTALL),
            },
            steps=(
                Step(argv=("mkdir", "-p", BIN)),
                Step(argv=("ln", "-sfn", plan.interpreter, PathRef(layer="deps", path="bin/ruby"))),
                ruby("fetch_gems.rb", "gems.json", APP_TREE),
                ruby("install_gems.rb", "gems.json", DEPS),
                # They are installed; as they are, they would only make the release larger.
                Step(argv=("rm", "-rf", PathRef(layer="app", path="app/vendor/cache"))),
            ),
        ),
    )


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
