"""Problems: what would keep an app from running, where, and what to do about it."""

from __future__ import annotations

import difflib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGE_TIP: Final = (
    "add the package that has it to the lockfile, or to `packages` under [run] in hop3.toml"
)
OUTSIDE_TIP: Final = (
    "write a program's name without its directory; pass what lies outside of the artifact in a "
    "variable when the app is started"
)
BUILDER_TIP: Final = "the builder made this, not the app: please report it"


class ProblemError(Exception):
    """One problem; ``details`` are further lines between what it is and the tip."""

    def __init__(self, what: str, tip: str, *details: str) -> None:
        super().__init__(what)
        self.what = what
        self.tip = tip
        self.details = details


class Report:
    """The problems found so far, as text to print."""

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def add(self, where: str, problems: Iterable[ProblemError], *context: str) -> None:
        """Note what is wrong at ``where``; ``context`` shows the place, and comes first."""
        for problem in problems:
            lines = [f"{where}: {problem.what}", *context, *problem.details, f"tip: {problem.tip}"]
            block = "\n".join(lines).replace("\n", "\n  ")
            self.blocks.append(
                "".join(c if c == "\n" or c.isprintable() else ascii(c)[1:-1] for c in block)
            )

    @contextmanager
    def at(self, where: str, *context: str) -> Iterator[None]:
        """Note the problem that is raised inside, and go on behind."""
        try:
            yield
        except ProblemError as problem:
            self.add(where, [problem], *context)


def nearest(name: str, places: Iterable[str]) -> str:
    """Return the line that tells which files in the directories ``places`` have a similar name."""
    names = {entry for place in places if os.path.isdir(place) for entry in os.listdir(place)}
    return f"nearest names: {', '.join(difflib.get_close_matches(name, sorted(names))) or 'none'}"
