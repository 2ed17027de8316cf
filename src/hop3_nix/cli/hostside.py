"""``hop3-nix host-side``: what ``--host`` calls on the host."""

from __future__ import annotations

import click

from hop3_nix.deploy.remote.hostside import serve


@click.command(name="host-side", hidden=True)
def host_side() -> int:
    """Run the command that stands on standard input, and end it when that ends."""
    from hop3_nix.cli.group import run  # noqa: PLC0415 - the group knows this module

    return serve(run)
