"""What the command line says: progress and errors to standard error, results to the other."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import click

from hop3_nix.text.printable import lines_for_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.errors import Hop3NixError
    from hop3_nix.plan import Problem


def echo(text: str | Path = "", *, nl: bool = True, error: bool = False) -> None:
    """Print a result: every text that reaches a terminal goes through here, and is harmless."""
    stream = sys.stderr if error else sys.stdout
    said = str(text)
    click.echo(lines_for_terminal(said) if stream.isatty() else said, nl=nl, err=error)


def report(line: str) -> None:
    """Tell what is being done."""
    echo(line, error=True)


def is_terminal() -> bool:
    """Return whether a person is watching standard error."""
    return sys.stderr.isatty()


def show_error(error: Hop3NixError) -> None:
    """Print what went wrong and, indented below it, what to do next."""
    for each in (error, *error.also):
        _show("error", "red", str(each), each.tip)


def show_problem(problem: Problem) -> None:
    """Print what is wrong with the application, or may be, as an error is printed."""
    colour = "red" if problem.severity == "error" else "yellow"
    _show(problem.severity, colour, str(problem), problem.tip)


def _show(word: str, colour: str, said: str, tip: str) -> None:
    report(f"{click.style(f'{word}:', fg=colour, bold=True)} {said}")
    for line in tip.splitlines():
        report(f"  {line}")


def show_usage(error: click.ClickException) -> None:
    """Print what is wrong with the command line, which may hold the name of a file."""
    said = io.StringIO()
    error.show(said)
    echo(said.getvalue(), nl=False, error=True)
