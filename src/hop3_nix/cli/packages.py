"""``hop3-nix packages``: the package set that builds take their interpreters from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from hop3_nix.cli.console import echo, report
from hop3_nix.cli.options import pkgs_option
from hop3_nix.nix import buildusers
from hop3_nix.packagesets.choice import select
from hop3_nix.packagesets.debian import DebianSet
from hop3_nix.packagesets.flake import write_flake


@click.group(short_help="Prepare or show the package set.")
def packages() -> None:
    """Prepare or show the package set that builds take interpreters and base programs from."""


@packages.command()
@pkgs_option
def prepare(pkgs: str | None) -> None:
    """Make the package set ready; quick when it is. Builds do this by themselves.

    As root, this makes the users that Nix builds as, where there are none.
    """
    buildusers.ensure(report)
    select(pkgs, report=report).prepare(report)


@packages.command()
def refresh() -> None:
    """Pin the embedded Debian set to what the Debian mirror has now."""
    DebianSet().refresh(report)


@packages.command()
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
def flake(directory: Path) -> None:
    """Write the embedded Debian set to DIR as a flake, to be used in the place of nixpkgs.

    \b
      hop3-nix packages flake ~/debian-set
      export NIX_USER_CONF_FILES=~/debian-set/nix.conf
      nix build --override-input nixpkgs path:$HOME/debian-set

    It holds the lock of the set and the settings that Nix builds with it, so that evaluating needs
    neither --impure nor hop3-nix. What was written there before is replaced.
    """
    debian = DebianSet()
    debian.prepare(report)
    write_flake(debian, directory, report)
    report(f"wrote {directory}")


@packages.command()
@pkgs_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(*, pkgs: str | None, as_json: bool) -> None:
    """Show what the package set offers, and what pins it."""
    chosen = select(pkgs, report=report)
    chosen.prepare(report)
    target = chosen.target()
    if as_json:
        offers = [offer.model_dump() for offer in target.offers]
        echo(json.dumps({"pin": chosen.describe(), "offers": offers}, indent=2))
        return
    for offer in target.offers:
        echo(f"{offer.language} {offer.version}  ({offer.named})")
    for name, value in chosen.describe().items():
        echo(f"{name}: {json.dumps(value) if isinstance(value, dict) else value}")
