"""Starting a worker, against starting its program directly."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from benchmarks.figures import Comparison
from benchmarks.running import Command, in_turns
from benchmarks.world import PROBE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.world import App, World

_ROUNDS = 60


def measure(world: World, app: App) -> Iterator[Comparison]:
    """Yield what `hop3-nix exec` and the worker's launcher add to what they start."""
    runtime = app.runtime
    env = {
        **world.env,
        **runtime["env_vars"],
        "PATH": ":".join(runtime["path_prepend"]),
        "HOP3_STATE_DIR": str(app.state / "run"),
    }
    program = tuple(shlex.split(runtime["workers"][PROBE]))
    direct = Command(program, env, cwd=app.location)
    launcher = Command((app.location / "bin" / PROBE,), world.env)
    ways = (
        ("exec", "`hop3-nix exec`", world.hop3_nix("exec", PROBE, app.directory), 0.040),
        ("launcher", "`bin/WORKER`", launcher, 0.005),
    )
    for name, title, way, limit in ways:
        ours, theirs = in_turns(_ROUNDS, way.seconds, direct.seconds, warm_up=3)
        yield Comparison(name, title, "the program itself", ours, theirs, "difference", limit)
