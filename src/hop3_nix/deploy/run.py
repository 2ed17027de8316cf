"""Run all workers of an artifact in the foreground."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.advice import Advice
from hop3_nix.deploy.instances import plan_instances
from hop3_nix.deploy.launch import prepare
from hop3_nix.deploy.supervisor import Instance, Supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.deploy.artifact import Located
    from hop3_nix.deploy.launch import Ready

BEFORE: Final = "before_run"
"""The name in front of what the commands before the workers print."""

GRACE: Final = 10.0
"""Seconds that a worker has to end after TERM, unless the user says otherwise."""


@dataclass(frozen=True)
class RunOptions:
    """What the user chose for one run."""

    only: tuple[str, ...] = ()
    scale: Mapping[str, int] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)
    state_dir: Path | None = None
    grace: float = GRACE


def run(located: Located, options: RunOptions | None = None) -> int:
    """Run the artifact's workers until they end, and return the exit status (docs/running.md).

    Their output goes to standard output and standard error. Raises InputError, UnavailableError
    or TemporaryError before anything was started.
    """
    options = options or RunOptions()
    ready = prepare(located, overrides=options.overrides, state_dir=options.state_dir)
    instances, others = plan_instances(ready, only=options.only, scale=options.scale)
    return asyncio.run(_run(ready, instances, (*ready.notes, *others), options.grace))


async def _run(
    ready: Ready, instances: Sequence[Instance], notes: Sequence[str], grace: float
) -> int:
    first = [Instance(BEFORE, start, f": {what}") for what, start in ready.before_run()]
    names = [instance.name for instance in (*first[:1], *instances)]
    notice = Advice(ready.runtime.working_dir).of
    async with Supervisor(names, grace=grace, notice=notice) as supervisor:
        for note in notes:
            supervisor.say(note)
        for instance in first:
            status = await supervisor.run_first(instance)
            if status:
                supervisor.say(f"no worker was started: before_run ended with status {status}")
                return status
        return await supervisor.run_all(instances)
