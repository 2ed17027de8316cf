"""All that is wrong with an application, and can be known before anything is fetched or built."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hop3_nix.errors import InputError
from hop3_nix.plan import Problem
from hop3_nix.toolchains.named_files import missing_files
from hop3_nix.toolchains.ports import fixed_ports

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.planning import Part


@dataclass(frozen=True)
class Checked:
    """A plan, with its warnings, and what keeps it from being built."""

    plan: BuildPlan | None
    """None if what is wrong leaves nothing to plan."""
    errors: tuple[InputError, ...]

    @classmethod
    def of(cls, plan: BuildPlan, errors: Sequence[InputError], found: list[Problem]) -> Checked:
        """Return ``plan``, and those that were ``found`` where they belong."""
        each_once = sorted(dict.fromkeys(found), key=lambda each: (each.file, each.line or 0))
        wrong = (each for each in each_once if each.severity == "error")
        warnings = tuple(each for each in each_once if each.severity == "warning")
        return cls(
            plan.model_copy(update={"warnings": warnings}),
            (
                *errors,
                *(
                    InputError(each.message, file=each.file, line=each.line, tip=each.tip)
                    for each in wrong
                ),
            ),
        )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return all that was found, errors first."""
        return (
            *(
                Problem(
                    severity="error",
                    message=each.message,
                    file=each.file,
                    line=each.line,
                    tip=each.tip,
                )
                for each in self.errors
            ),
            *(self.plan.warnings if self.plan else ()),
        )

    def usable(self) -> BuildPlan:
        """Return the plan. Raises the first of the errors, if there is one, with the others."""
        if self.errors:
            first, *others = self.errors
            first.also = tuple(others)
            raise first
        assert self.plan is not None  # noqa: S101 - for the type checker: else there is an error
        return self.plan


@contextmanager
def collecting(errors: list[InputError]) -> Iterator[None]:
    """Put an error that is raised inside into ``errors``."""
    try:
        yield
    except InputError as error:
        errors.append(error)


def find_problems(part: Part, app: App, plan: BuildPlan) -> Iterable[Problem]:
    """Yield what is wrong with ``app``, of which ``plan`` was made."""
    yield from part.layers.warnings
    # What a recipe fetches or links at start is not here to be looked for.
    if app.config.recipe is None:
        yield from missing_files(app, plan)
    yield from fixed_ports(app, plan)
    yield from part.language.check(app, part.layers, part.offer, plan)
