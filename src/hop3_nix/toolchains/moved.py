"""The paths of a stage, as the whole application has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.plan import APP_TREE, PackageRef, PathRef, SearchPath

if TYPE_CHECKING:
    from hop3_nix.plan import Stage, Value


def moved(value: Value, stage: Stage) -> Value:
    """Return ``value``, of a variable of ``stage``, with its paths moved."""
    match value:
        case str():
            return value
        case SearchPath():
            return SearchPath(entries=tuple(moved_path(each, stage) for each in value.entries))
        case _:
            return moved_path(value, stage)


def moved_path(path: PathRef | PackageRef, stage: Stage) -> PathRef | PackageRef:
    """Return ``path`` of ``stage`` as the whole application has it: its tree is in that one's."""
    if isinstance(path, PackageRef):
        return path
    layer, _, rest = path.path.partition("/")
    if (path.layer, layer) != (APP_TREE.layer, APP_TREE.path):
        return path.model_copy(update={"stage": stage.name})
    return PathRef(layer="app", path="/".join(filter(None, [layer, stage.directory, rest])))
