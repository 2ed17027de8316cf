"""Which of the recipes for a plan this machine can follow, and following it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hop3_nix.builders.staging import stage_in
from hop3_nix.builders.steps import run_build_steps, run_steps
from hop3_nix.errors import UnavailableError, UnsupportedError
from hop3_nix.files.atomic import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hop3_nix.builders.buildlog import BuildLog
    from hop3_nix.builders.layout import Layout
    from hop3_nix.plan import BuildPlan, LocalRecipe


def choose_recipe(plan: BuildPlan, recipes: Sequence[LocalRecipe]) -> LocalRecipe:
    """Return the first of ``recipes`` for ``plan`` whose programs this machine has.

    Raises UnsupportedError if there is no recipe at all, UnavailableError if none fits.
    """
    for recipe in recipes:
        if all(shutil.which(program) for program in recipe.requires):
            return recipe
    if not recipes:
        raise UnsupportedError(
            f"{plan.toolchain} applications can only be built with Nix",
            tip="Install Nix (Debian: apt install nix-bin).",
        )
    wanted = "; or ".join(" and ".join(recipe.requires) for recipe in recipes)
    raise UnavailableError(
        f"this machine does not have what a local build of {plan.app.name} needs: {wanted}",
        tip="Install that, or Nix (Debian: apt install nix-bin).",
    )


@contextmanager
def scratch_for(state: Path, recipe: LocalRecipe) -> Iterator[Path]:
    """Give a directory with the recipe's files, which is removed whatever happens inside."""
    with stage_in(state) as scratch:
        for name, text in recipe.files.items():
            write_text_atomic(scratch / name, text)
        yield scratch


def run_recipe(
    plan: BuildPlan, recipe: LocalRecipe, layout: Layout, scratch: Path, log: BuildLog
) -> None:
    """Run the steps of ``recipe``, with the application's own build steps where they belong."""
    run_steps(recipe.steps, layout, scratch, log)
    run_build_steps(plan, layout, log)
    run_steps(recipe.finish, layout, scratch, log)
