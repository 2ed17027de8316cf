"""Where the paths of a stage, or of a main language in a directory, are in the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hop3_nix.plan import APP_TREE, WHOLE_TREE, PackageRef, PathRef, SearchPath

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan, Stage, Value

Move = Callable[[PathRef | PackageRef], PathRef | PackageRef]


def moved(value: Value, move: Move) -> Value:
    """Return ``value``, of a variable, with its paths moved."""
    match value:
        case str():
            return value
        case SearchPath():
            return SearchPath(entries=tuple(map(move, value.entries)))
        case _:
            return move(value)


def from_stage(stage: Stage, plan: BuildPlan) -> Move:
    """Return how a path of ``stage`` becomes one of ``plan``: its tree is in that one's."""
    top = WHOLE_TREE if plan.directory else APP_TREE

    def move(path: PathRef | PackageRef) -> PathRef | PackageRef:
        if isinstance(path, PackageRef):
            return path
        rest = _in_tree(path)
        if rest is None:
            return path.model_copy(update={"stage": stage.name})
        return _joined(top, stage.directory, rest)

    return move


def in_directory(plan: BuildPlan, directory: str) -> BuildPlan:
    """Return ``plan``, of a main language alone, with its tree in ``directory`` of the whole.

    With none, the plan is returned as it is.
    """
    if not directory:
        return plan

    def move(path: PathRef | PackageRef) -> PathRef | PackageRef:
        rest = None if isinstance(path, PackageRef) else _in_tree(path)
        return path if rest is None else _joined(WHOLE_TREE, directory, rest)

    runtime = plan.runtime
    return plan.model_copy(
        update={
            "directory": directory,
            "runtime": runtime.model_copy(
                update={
                    "env": {name: moved(value, move) for name, value in runtime.env.items()},
                    "path": tuple(map(move, runtime.path)),
                    "working_dir": move(runtime.working_dir),
                    "writable_tree": runtime.writable_tree and WHOLE_TREE,
                }
            ),
        }
    )


def _in_tree(path: PathRef) -> str | None:
    """Return ``path`` relative to the tree, None for one that is elsewhere."""
    first, _, rest = path.path.partition("/")
    return rest if (path.layer, first) == (APP_TREE.layer, APP_TREE.path) else None


def _joined(top: PathRef, *parts: str) -> PathRef:
    return PathRef(layer=top.layer, path="/".join(filter(None, [top.path, *parts])))
