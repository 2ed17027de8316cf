"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

app_argument = click.argument(
    "app", default=".", type=click.Path(path_type=Path, file_okay=True), metavar="[APP]"
)
pkgs_option = click.option(
    "--pkgs",
    metavar="nixpkgs|debian|PATH",
    help="Package set to take interpreters and base programs from.",
)
trust_option = click.option(
    "--trust-artifact",
    "trusted",
    is_flag=True,
    help="Take the artifact as it is: also one that was made elsewhere without Nix, or that uses "
    "what is not part of it.",
)
allow_code_option = click.option(
    "--allow-code",
    is_flag=True,
    help="To lock, run the app's setup.py and build back ends where no sandbox can be made.",
)
builder_option = click.option(
    "--builder",
    type=click.Choice(["auto", "nix", "local"]),
    help="Who builds; auto takes Nix if it can be used. The default is hop3.toml's, else auto.",
)


def build_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add APP, --builder and --pkgs."""
    return app_argument(builder_option(pkgs_option(command)))
