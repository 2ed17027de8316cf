"""Commands, how long they take, and two of them in turns."""

from __future__ import annotations

import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


Ours = TypeVar("Ours")
Theirs = TypeVar("Theirs")


class CommandError(Exception):
    """A command that should have succeeded did not."""


@dataclass(frozen=True)
class Command:
    """A program's arguments, its whole environment, and where it runs."""

    argv: tuple[str | Path, ...]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path | None = None

    def run(self) -> tuple[float, str]:
        """Run it and return the seconds that took, and its standard output.

        Raises CommandError if it fails.
        """
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            began = time.perf_counter()
            process = subprocess.Popen(
                self.argv,
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )
            try:
                status = process.wait()
            except BaseException:
                process.kill()
                process.wait()
                raise
            took = time.perf_counter() - began
            output.seek(0)
            errors.seek(0)
            if status != 0:
                said = errors.read().decode(errors="replace")
                raise CommandError(f"{' '.join(map(str, self.argv))} returned {status}:\n{said}")
            return took, output.read().decode().strip()

    def seconds(self) -> float:
        """Run it and return the seconds that took."""
        return self.run()[0]

    def output(self) -> str:
        """Run it and return its standard output."""
        return self.run()[1]


def in_turns(
    rounds: int, ours: Callable[[], Ours], theirs: Callable[[], Theirs], *, warm_up: int = 0
) -> tuple[tuple[Ours, ...], tuple[Theirs, ...]]:
    """Return what both return in each of ``rounds``; who is first alternates.

    They are called ``warm_up`` times before that.
    """
    for _ in range(warm_up):
        ours()
        theirs()
    pairs = []
    for number in range(rounds):
        if number % 2:
            their_time = theirs()
            pairs.append((ours(), their_time))
        else:
            our_time = ours()
            pairs.append((our_time, theirs()))
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
