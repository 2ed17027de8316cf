"""``hop3-nix plan`` and ``check``: what would be built, and why; and what is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hop3_nix.building.ownexpression import own_expression
from hop3_nix.building.pipeline import check_app, mirrored_app
from hop3_nix.building.unchanged import BuilderChoice, BuildOptions
from hop3_nix.cli.console import echo, show_problem
from hop3_nix.cli.options import build_options
from hop3_nix.cli.progress import reporting
from hop3_nix.errors import ExitCode, LockError
from hop3_nix.text.printable import for_terminal
from hop3_nix.tiers import SAID, tier_of

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.plan import BuildPlan, Evidence
    from hop3_nix.toolchains.checking import Checked


@click.command(short_help="Show what would be built, and why.")
@build_options
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON.")
def plan(*, app: Path, builder: BuilderChoice | None, pkgs: str | None, as_json: bool) -> int:
    """Show what `build` would do with APP, and the file and line that each choice comes from.

    Nothing is fetched or built. Where something is wrong, it is told below what can be planned.
    """
    if own := own_expression(app):
        said = {"expression": own}
        text = f"{own} is the application's own, and is built as it is: nothing else is read"
        echo(json.dumps(said) if as_json else text)
        return ExitCode.OK
    with reporting() as report:
        checked = mirrored_app(app, BuildOptions(builder, pkgs), report)
    if as_json:
        echo(checked.usable().model_dump_json(indent=2))
        return ExitCode.OK
    if checked.plan is not None:
        _show(checked.plan, locked=not any(isinstance(each, LockError) for each in checked.errors))
    return _show_problems(checked)


@click.command(short_help="Say all that is wrong with an app, without building it.")
@build_options
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(*, app: Path, builder: BuilderChoice | None, pkgs: str | None, as_json: bool) -> int:
    """Say all that is wrong with APP and can be known without fetching or building anything.

    \b
      hop3-nix check              of the app here
      hop3-nix check ~/app --json

    Each problem has its file and line, and what to do about it. The exit code is 65 if one of them
    keeps the app from being built; warnings are for what may be wrong.
    """
    if own := own_expression(app):
        echo("[]" if as_json else f"{own} is the application's own: nothing else is read")
        return ExitCode.OK
    with reporting() as report:
        checked = check_app(app, BuildOptions(builder, pkgs), report)
    if as_json:
        echo(json.dumps([each.model_dump(mode="json") for each in checked.problems], indent=2))
        return ExitCode.BAD_INPUT if checked.errors else ExitCode.OK
    if not checked.problems:
        echo("nothing is wrong that can be known without building")
    return _show_problems(checked)


def _show_problems(checked: Checked) -> int:
    for problem in checked.problems:
        show_problem(problem)
    return ExitCode.BAD_INPUT if checked.errors else ExitCode.OK


def _show(plan: BuildPlan, *, locked: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    heading = _text(plan.app.name, style="bold")
    languages = " and ".join([plan.toolchain, *(stage.name for stage in plan.stages)])
    console.print(heading.append(f" ({languages}, {plan.interpreter})", style="not bold"))
    table = Table.grid(padding=(0, 2))
    for name, command in plan.runtime.workers.items():
        table.add_row(Text(name, style="cyan"), _text(command))
    console.print(table)
    parts = (plan, *(stage.plan for stage in plan.stages))
    count = sum(len(part.dependencies) for part in parts)
    files = f"{count} locked files" if locked else "dependencies: not locked"
    tier = tier_of(plan)
    console.print(Text(f"{files}; tier {tier}: {SAID[tier]}", style="dim"))
    for evidence in plan.evidence:
        console.print(_text(f"{evidence.choice}: {evidence.reason}{_place(evidence)}"))


def _text(said: str, style: str = "") -> Text:
    return Text(for_terminal(said, colours=False), style=style)


def _place(evidence: Evidence) -> str:
    if not evidence.file:
        return ""
    return f" ({evidence.file}{'' if evidence.line is None else f':{evidence.line}'})"
