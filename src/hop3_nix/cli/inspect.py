"""``hop3-nix inspect``: the artifact, for a person or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from hop3_nix.cli.console import echo, report
from hop3_nix.contract import NEWER, unknown_fields
from hop3_nix.deploy.artifact import locate, look_at
from hop3_nix.deploy.inspect import inspect as inspect_artifact
from hop3_nix.deploy.verify import verify as verify_artifact
from hop3_nix.errors import ArtifactNewerError
from hop3_nix.text.printable import for_terminal

if TYPE_CHECKING:
    from hop3_nix.deploy.inspect import Inspection


@click.command(short_help="Show what an artifact is and how it runs.")
@click.argument("artifact", default=".")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--verify", is_flag=True, help="Also read every file and compare it with what was built."
)
def inspect(artifact: str, *, as_json: bool, verify: bool) -> None:
    """Show what ARTIFACT is (by default, of the app in this directory) and how it runs."""
    if verify:
        verified = verify_artifact(locate(artifact))
        if verified.paths:
            report(
                f"verified: {verified.paths} store paths are what was built (every file was "
                "compared), and it uses nothing else"
            )
        else:
            report(
                "verified: every file that it names is there (nothing was compared: what was in "
                "them is known of store paths only)"
            )
    located = look_at(artifact)
    inspection = inspect_artifact(located)
    if as_json:
        echo(json.dumps(inspection.to_data(), indent=2, ensure_ascii=False))
    else:
        _show(inspection)
    if fields := unknown_fields(located.artifact):
        raise ArtifactNewerError(
            f"newer than this hop3-nix, which does not know its field {', '.join(fields)}",
            file=str(located.file),
            tip=NEWER,
        )


def _show(inspection: Inspection) -> None:
    for title, rows in inspection.sections():
        echo(click.style(title, bold=True))
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            echo(f"  {click.style(name.ljust(width), fg='cyan')}  {for_terminal(value)}")
        echo()
