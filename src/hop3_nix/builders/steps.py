"""The steps of a build without Nix: each a program of this machine, and what its failure means."""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import (
    BuildError,
    Hop3NixError,
    LockError,
    TemporaryError,
    UnavailableError,
)
from hop3_nix.host import process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.builders.buildlog import BuildLog
    from hop3_nix.builders.layout import Layout
    from hop3_nix.plan import BuildPlan, Step

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


def run_steps(steps: Sequence[Step], layout: Layout, scratch: Path, log: BuildLog) -> None:
    """Run ``steps`` of a recipe in ``scratch``, where its files are."""
    for step in steps:
        argv = [text for argument in step.argv if (text := layout.text(argument)) or argument == ""]
        environment = {**os.environ, **layout.environment(step.env)}
        run_step(argv, environment, scratch, log, stdin=step.stdin)


def run_build_steps(plan: BuildPlan, layout: Layout, log: BuildLog) -> None:
    """Run the application's own steps of ``plan`` in its tree, with its programs on PATH."""
    path = [*layout.search_path(plan), os.environ.get("PATH", os.defpath)]
    environment = {
        **os.environ,
        **layout.environment(plan.runtime.env),
        "PATH": ":".join(path),
    }
    shell = process.find_program("bash")
    for line in plan.build_steps:
        run_step([shell, "-euo", "pipefail", "-c", line], environment, layout.tree, log, shown=line)


def run_step(
    argv: Sequence[str],
    environment: Mapping[str, str],
    directory: Path,
    log: BuildLog,
    *,
    stdin: str = "",
    shown: str = "",
) -> None:
    """Run ``argv`` in ``directory``, and raise what its failure means.

    It is ``shown`` as that, or as its arguments.
    """
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
