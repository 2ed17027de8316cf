"""How a host without Nix builds the same: with its own JDK, and the Maven that is locked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.files.resources import NIX
from hop3_nix.plan import APP_TREE, LocalRecipe, PathRef, Step, UnlocatedFile
from hop3_nix.toolchains.java.arguments import AppArguments, DepsArguments
from hop3_nix.toolchains.java.maven import has_tail, home_of
from hop3_nix.toolchains.java.repository import find_repository_here
from hop3_nix.toolchains.java.starting import SERVE_WAR
from hop3_nix.toolchains.java.wrapper import TEXT

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App

FILES: Final = NIX / "lib/languages/java/server"
SCRIPT: Final = Path(__file__).with_name("scripts") / "lay_out_build.py"

DEPS: Final = PathRef(layer="deps")
MVN: Final = PathRef(layer="deps", path="bin/mvn")
"""Maven as build steps call it, which is gone when they are done."""


def local_recipes(_app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, whose JDK is a program of this machine.

    Raises UnavailableError if nothing tells where the files are.
    """
    arguments = DepsArguments.of(plan.options.deps)
    modules = AppArguments.of(plan.options.app).modules
    repository = find_repository_here() if plan.dependencies else ""
    spec = {
        "jdk": home_of(plan.interpreter),
        "java": plan.interpreter,
        "maven": arguments.maven,
        "tail": has_tail(arguments.maven),
        "tomcat": arguments.tomcat,
        "server": SERVE_WAR,
        "modules": modules,
        "files": [
            [file.filename, f"{repository}/{file.filename}", file.sha256[0]]
            for file in plan.dependencies
            if isinstance(file, UnlocatedFile)
        ],
    }
    clean = Step(argv=(sys.executable, "clean_modules.py", APP_TREE, *modules))
    return (
        LocalRecipe(
            requires=(),
            files={
                "build.json": json.dumps(spec, indent=1),
                "lay_out_build.py": _text(SCRIPT),
                "clean_modules.py": _text(NIX / "lib/languages/java/clean_modules.py"),
                "mvn.sh": _text(TEXT),
                **{file.name: _text(file) for file in sorted(FILES.iterdir())},
            },
            steps=(clean, Step(argv=(sys.executable, "lay_out_build.py", "build.json", DEPS))),
            finish=(Step(argv=("rm", "-f", MVN)), _finished(clean)),
        ),
    )


def _finished(clean: Step) -> Step:
    return Step(argv=(*clean.argv[:2], "--made", *clean.argv[2:]))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
