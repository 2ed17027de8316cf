"""The builder for machines without Nix: the host's programs, the same plan, the same contract."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hop3_nix.builders.base import describe, record, refuse_other_content
from hop3_nix.builders.buildlog import open_log
from hop3_nix.builders.layout import Layout
from hop3_nix.builders.leaks import check_result
from hop3_nix.builders.recipes import choose_recipe, run_recipe, scratch_for
from hop3_nix.builders.releases import new_release, prune
from hop3_nix.builders.stages import build_stage
from hop3_nix.contract import (
    ARTIFACT_FILE,
    RUNTIME_FILE,
    BuildArtifact,
    read_runtime,
    write_artifact,
)
from hop3_nix.errors import BuildError, UnsupportedError
from hop3_nix.files.atomic import replace_symlink, write_text_atomic
from hop3_nix.host import process
from hop3_nix.host.state import writing_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hop3_nix.builders.base import BuildRequest
    from hop3_nix.builders.buildlog import BuildLog
    from hop3_nix.plan import BuildPlan, Target
    from hop3_nix.toolchains.composition import Recipes


@dataclass(frozen=True)
class LocalBuilder:
    """Builds with what this machine has, which ``target`` describes."""

    target: Target
    recipes: Callable[[BuildPlan, Target], Recipes]
    """Return how the languages of a plan build it with what this machine has."""

    @property
    def name(self) -> Literal["local"]:
        """Return the builder's name."""
        return "local"

    def build(self, request: BuildRequest) -> BuildArtifact:
        """Return the artifact, whose location is a new release directory.

        Raises UnsupportedError if the toolchain can only build with Nix, or two builds are to be
        compared; LockError if a file is not the one that was locked.
        """
        if request.check:
            raise UnsupportedError(
                "only builds with Nix can be compared", tip="Leave out --check, or install Nix."
            )
        if request.out_link is not None:
            refuse_other_content(request.out_link)
        recipes = self.recipes(request.plan, self.target)
        recipe = choose_recipe(request.plan, recipes.app)
        stages = [
            (stage, choose_recipe(stage.plan, its))
            for stage, its in zip(request.plan.stages, recipes.stages, strict=True)
        ]
        with (
            writing_to(request.state),
            new_release(request.state, request.build_id) as release,
        ):
            layout = Layout(release, request.plan.directory)
            with open_log(request.state, request.report) as log:
                request.source.copy_to(layout.top)
                for stage, its in stages:
                    with scratch_for(request.state, its) as scratch:
                        build_stage(stage, its, request.source, layout, scratch=scratch, log=log)
                with scratch_for(request.state, recipe) as scratch:
                    run_recipe(request.plan, recipe, layout, scratch, log)
                    _post_build(request.plan, layout, scratch, log)
            artifact = describe(
                request,
                self,
                location=release,
                references=check_result(layout.top, request.source),
                runtime=read_runtime(release / RUNTIME_FILE),
                package_set={"name": self.target.package_set, "system": self.target.system},
            )
            write_artifact(artifact, release / ARTIFACT_FILE)
        with writing_to(request.state):
            if request.out_link is not None:
                replace_symlink(request.out_link, release)
            record(request.state, artifact)
            prune(request.state)
        return artifact


def _post_build(plan: BuildPlan, layout: Layout, scratch: Path, log: BuildLog) -> None:
    specification = scratch / "postbuild.json"
    text = json.dumps(layout.specification(plan, process.find_program("bash")))
    write_text_atomic(specification, text)
    step = [sys.executable, "-P", "-m", "hop3_nix.postbuild"]
    printed: list[str] = []

    def keep(line: str) -> None:
        printed.append(line)
        log.line(line)

    done = process.stream(
        [*step, str(specification), str(layout.release)], on_stderr_line=keep, on_stdout_line=keep
    )
    if done.status != 0:
        said = "\n  ".join(line.removeprefix("hop3-nix: ") for line in printed if line)
        raise BuildError(said, tip=f"The full log: {log.path}")
