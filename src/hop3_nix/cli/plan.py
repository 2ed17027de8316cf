"""``hop3-nix plan``: what would be built, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hop3_nix.cli.console import echo
from hop3_nix.cli.options import build_options
from hop3_nix.cli.progress import reporting
from hop3_nix.ownexpression import own_expression
from hop3_nix.pipeline import plan_app
from hop3_nix.printable import for_terminal
from hop3_nix.unchanged import BuilderChoice, BuildOptions

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.plan import BuildPlan, Evidence


@click.command(short_help="Show what would be built, and why.")
@build_options
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON.")
def plan(*, app: Path, builder: BuilderChoice | None, pkgs: str | None, as_json: bool) -> None:
    """Show what `build` would do with APP, and the file and line that each choice comes from.

    Nothing is fetched or built.
    """
    if own := own_expression(app):
        said = {"expression": own}
        text = f"{own} is the application's own, and is built as it is: nothing else is read"
        echo(json.dumps(said) if as_json else text)
        return
    with reporting() as report:
        found = plan_app(app, BuildOptions(builder, pkgs), report)
    if as_json:
        echo(found.model_dump_json(indent=2))
    else:
        _show(found)


def _show(plan: BuildPlan) -> None:
    console = Console(highlight=False, soft_wrap=True)
    heading = _text(plan.app.name, style="bold")
    languages = " and ".join([plan.toolchain, *(stage.name for stage in plan.stages)])
    console.print(heading.append(f" ({languages}, {plan.interpreter})", style="not bold"))
    table = Table.grid(padding=(0, 2))
    for name, command in plan.runtime.workers.items():
        table.add_row(Text(name, style="cyan"), _text(command))
    console.print(table)
    parts = (plan, *(stage.plan for stage in plan.stages))
    locked = sum(len(part.dependencies) for part in parts)
    console.print(Text(f"{locked} locked files", style="dim"))
    for evidence in plan.evidence:
        console.print(_text(f"{evidence.choice}: {evidence.reason}{_place(evidence)}"))


def _text(said: str, style: str = "") -> Text:
    return Text(for_terminal(said, colours=False), style=style)


def _place(evidence: Evidence) -> str:
    if not evidence.file:
        return ""
    return f" ({evidence.file}{'' if evidence.line is None else f':{evidence.line}'})"
