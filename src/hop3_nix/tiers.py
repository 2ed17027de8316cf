"""How far what an app is made of can be traced: the tier of ADR 058 of Hop3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan

Tier = Literal[1, 2, 3]

SAID: Final[dict[Tier, str]] = {
    1: "from the package set",
    2: "from source, with locked inputs",
    3: "with a binary that is trusted",
}

PREBUILT: Final = "prebuilt"
"""The toolchain that puts what it fetches in its place."""


def tier_of(plan: BuildPlan) -> Tier:
    """Return the tier of an app: the lowest, which is the highest number, of its parts."""
    return max(_own(plan), *(tier_of(stage.plan) for stage in plan.stages), 1)


def _own(plan: BuildPlan) -> Tier:
    deps = plan.options.deps
    if plan.toolchain != PREBUILT or "php" in deps:
        return 2
    return 3 if plan.dependencies else 1
