"""``hop3-nix render`` and ``hop3-nix eject``: the Nix expression of an app."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from hop3_nix.building.pipeline import Rendered, render_app
from hop3_nix.building.unchanged import BuildOptions
from hop3_nix.cli.console import echo
from hop3_nix.cli.console import report as say
from hop3_nix.cli.options import app_argument, pkgs_option, require_output
from hop3_nix.cli.progress import reporting
from hop3_nix.errors import ExitCode, InputError
from hop3_nix.files.atomic import is_stream, write_output, write_text_atomic
from hop3_nix.files.resources import is_current_library, write_library

EXPRESSION: Final = "hop3.nix"
LIBRARY: Final = "hop3-nix"


@click.command(short_help="Write the Nix expression of an app, or check that it is current.")
@app_argument
@pkgs_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it to a file, with the library it imports beside it.",
)
@click.option("--check", is_flag=True, help="Say whether the written file is current; exit code 1.")
def render(*, app: Path, pkgs: str | None, output: Path | None, check: bool) -> int:
    """Print the Nix expression of APP, or write it, or check the written one.

    \b
      hop3-nix render                     print it
      hop3-nix render -o hop3.nix         write it and hop3-nix/, the library it imports
      hop3-nix render --check             is hop3.nix what would be written now?
      nix-build hop3.nix -A package       build it without hop3-nix
    """
    if output is not None:
        require_output(output)
    # What goes through a pipe has no directory to hold the library.
    if output is not None and is_stream(output) and not check:
        with reporting() as report:
            text = render_app(app, BuildOptions(pkgs=pkgs), report).text
        with write_output(output) as file:
            file.write(text.encode())
        return ExitCode.OK
    target = output or app / EXPRESSION
    with reporting() as report:
        found = render_app(app, BuildOptions(pkgs=pkgs), report, src=_tree(app, target))
    if check:
        return _check(target, found)
    if output is None:
        echo(found.text, nl=False)
    else:
        write_library(output.parent / LIBRARY, found.languages)
        with write_output(output) as file:
            file.write(found.text.encode())
        _say_written(output)
    return ExitCode.OK


@click.command(short_help="Write the expression and its library into the app, to be edited.")
@app_argument
@pkgs_option
@click.option("--force", is_flag=True, help="Replace a hop3.nix that is there.")
def eject(*, app: Path, pkgs: str | None, force: bool) -> None:
    """Write hop3.nix and the library hop3-nix/ into APP, to be yours from now on.

    Both can be edited and committed; `nix-build hop3.nix -A package` needs nothing of hop3-nix.
    """
    target = app / EXPRESSION
    if target.exists() and not force:
        raise InputError(
            "it is there already, and may have been edited",
            file=str(target),
            tip="Move it away, or replace it: hop3-nix eject --force",
        )
    with reporting() as report:
        found = render_app(app, BuildOptions(pkgs=pkgs), report)
    _write(target, found)


def _write(target: Path, found: Rendered) -> None:
    write_library(target.parent / LIBRARY, found.languages)
    write_text_atomic(target, found.text)
    _say_written(target)


def _say_written(target: Path) -> None:
    say(f"wrote {target} and {target.parent / LIBRARY}/")


def _check(target: Path, found: Rendered) -> int:
    if not target.is_file():
        say(f"{target} is not there; write it: hop3-nix render -o {target}")
        return ExitCode.NOT_CURRENT
    library = target.parent / LIBRARY
    stale = [
        path
        for path, current in (
            (target, target.read_text() == found.text),
            (library, is_current_library(library, found.languages)),
        )
        if not current
    ]
    for path in stale:
        say(f"{path} is not current; write it again: hop3-nix render -o {target}")
    return ExitCode.NOT_CURRENT if stale else ExitCode.OK


def _tree(app: Path, target: Path) -> str:
    """Return the app's tree as the expression at ``target`` names it."""
    return f"./{os.path.relpath(app.resolve(), target.resolve().parent)}"
