"""What the command line says: progress and errors to standard error, results to the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hop3_nix.errors import Hop3NixError


def report(line: str) -> None:
    """Tell what is being done."""
    click.echo(line, err=True)


def is_terminal() -> bool:
    """Return whether a person is watching standard error."""
    return sys.stderr.isatty()


def show_error(error: Hop3NixError) -> None:
    """Print what went wrong and, indented below it, what to do next."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {error}", err=True)
    for line in error.tip.splitlines():
        click.echo(f"  {line}", err=True)
