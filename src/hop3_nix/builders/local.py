"""The builder for machines without Nix: the host's programs, the same plan, the same contract."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix import process
from hop3_nix.atomic import replace_symlink, write_text_atomic
from hop3_nix.builders.base import describe, record, refuse_other_content
from hop3_nix.builders.buildlog import open_log
from hop3_nix.builders.layout import Layout
from hop3_nix.builders.releases import new_release, prune
from hop3_nix.contract import (
    ARTIFACT_FILE,
    RUNTIME_FILE,
    BuildArtifact,
    read_runtime,
    write_artifact,
)
from hop3_nix.errors import (
    BuildError,
    Hop3NixError,
    LockError,
    TemporaryError,
    UnavailableError,
    UnsupportedError,
)
from hop3_nix.state import writing_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hop3_nix.builders.base import BuildRequest
    from hop3_nix.builders.buildlog import BuildLog
    from hop3_nix.plan import BuildPlan, LocalRecipe, Step, Target

SHOWN: Final = 12
"""Lines that a step that fails printed last, for the message."""

_FULL: Final = re.compile(r"No space left on device|Disk quota exceeded")
_HASH: Final = re.compile(
    r"hash mismatch|do not match the hashes|EINTEGRITY|integrity check(?:sum)? failed",
    re.IGNORECASE,
)
_GONE: Final = re.compile(r"HTTP error 4(?:04|10)\b|HTTP status client error \(4(?:04|10)")
_NETWORK: Final = re.compile(
    r"name resolution|(?:Connection|Read) timed out|Connection (?:refused|reset)|"
    r"Network is unreachable|"
    r"\b(?:EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTFOUND|ETIMEDOUT)\b"
)


@dataclass(frozen=True)
class LocalBuilder:
    """Builds with what this machine has, which ``target`` describes."""

    target: Target

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
        recipe = choose_recipe(request.plan)
        with (
            writing_to(request.state),
            new_release(request.state, request.build_id) as release,
        ):
            layout = Layout(release)
            with (
                _scratch(request.state, recipe) as scratch,
                open_log(request.state, request.report) as log,
            ):
                request.source.copy_to(layout.tree)
                run_steps(recipe.steps, layout, scratch, log)
                _build_steps(request.plan, layout, log)
                run_steps(recipe.finish, layout, scratch, log)
                _post_build(request.plan, layout, scratch, log)
            artifact = describe(
                request,
                self,
                location=release,
                runtime=read_runtime(release / RUNTIME_FILE),
                package_set={"name": self.target.package_set, "system": self.target.system},
            )
            write_artifact(artifact, release / ARTIFACT_FILE)
        with writing_to(request.state):
            if request.out_link is not None:
                replace_symlink(request.out_link, release)
            record(request, artifact)
            prune(request.state)
        return artifact


def choose_recipe(plan: BuildPlan) -> LocalRecipe:
    """Return the first recipe of ``plan`` whose programs this machine has.

    Raises UnsupportedError if there is no recipe at all, UnavailableError if none fits.
    """
    for recipe in plan.recipes:
        if all(shutil.which(program) for program in recipe.requires):
            return recipe
    if not plan.recipes:
        raise UnsupportedError(
            f"{plan.toolchain} applications can only be built with Nix",
            tip="Install Nix (Debian: apt install nix-bin).",
        )
    wanted = "; or ".join(" and ".join(recipe.requires) for recipe in plan.recipes)
    raise UnavailableError(
        f"this machine does not have what a local build of {plan.app.name} needs: {wanted}",
        tip="Install that, or Nix (Debian: apt install nix-bin).",
    )


def run_steps(steps: Sequence[Step], layout: Layout, scratch: Path, log: BuildLog) -> None:
    """Run ``steps`` of a recipe in ``scratch``, where its files are."""
    for step in steps:
        argv = [text for argument in step.argv if (text := layout.text(argument)) or argument == ""]
        environment = {**os.environ, **layout.environment(step.env)}
        _run(argv, environment, scratch, log, stdin=step.stdin)


@contextmanager
def _scratch(state: Path, recipe: LocalRecipe) -> Iterator[Path]:
    """Give a directory with the recipe's files, which is removed whatever happens inside."""
    scratch = state / "work"
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir()
    try:
        for name, text in recipe.files.items():
            write_text_atomic(scratch / name, text)
        yield scratch
    finally:
        shutil.rmtree(scratch)


def _build_steps(plan: BuildPlan, layout: Layout, log: BuildLog) -> None:
    path = [*layout.search_path(plan), os.environ.get("PATH", os.defpath)]
    environment = {
        **os.environ,
        **layout.environment(plan.runtime.env),
        "PATH": ":".join(path),
    }
    shell = process.find_program("bash")
    for line in plan.build_steps:
        _run([shell, "-euo", "pipefail", "-c", line], environment, layout.tree, log, shown=line)


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


def _run(
    argv: Sequence[str],
    environment: Mapping[str, str],
    directory: Path,
    log: BuildLog,
    *,
    stdin: str = "",
    shown: str = "",
) -> None:
    command = shown or " ".join([Path(argv[0]).name, *argv[1:]])
    log.line(f"$ {command}")
    tail: deque[str] = deque(maxlen=SHOWN)

    def keep(line: str) -> None:
        tail.append(line)
        log.line(line)

    done = process.stream(
        argv, on_stderr_line=keep, on_stdout_line=keep, env=environment, cwd=directory, stdin=stdin
    )
    if done.status != 0:
        raise _failure(command, done.status, tail, log)


def _failure(command: str, status: int, tail: Sequence[str], log: BuildLog) -> Hop3NixError:
    printed = "\n".join(tail)
    message = "".join([f"{command} returned {status}", *(f"\n  {line}" for line in tail)])
    place = f"The full log: {log.path}"
    if _FULL.search(printed):
        return TemporaryError(
            f"the disk is full: {message}", tip=f"Free some space and build again.\n{place}"
        )
    if _HASH.search(printed):
        return LockError(
            f"a file is not the one that was locked: {message}",
            tip="The file changed where it is fetched from, or the lockfile was edited. Find out "
            f"which; then lock the dependencies again.\n{place}",
        )
    if _GONE.search(printed):
        return UnavailableError(
            f"a file is gone: {message}",
            tip=f"The file is no longer there. Lock the dependencies again.\n{place}",
        )
    if _NETWORK.search(printed):
        return TemporaryError(
            f"the network failed: {message}",
            tip=f"See that this machine reaches that address; try again.\n{place}",
        )
    return BuildError(message, tip=place)
