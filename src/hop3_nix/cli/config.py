"""``hop3-nix config``: the variables that an app is started with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from hop3_nix.cli.apps import json_option, known_app, name_option, open_host, root_options
from hop3_nix.cli.console import echo, report
from hop3_nix.cli.deploy import show_outcome
from hop3_nix.cli.hosts import HostCommand
from hop3_nix.cli.run import FILE
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

later_option = click.option(
    "--no-restart", is_flag=True, help="Keep them for the next release instead."
)


@click.group(short_help="Set, unset and list the variables of an app.")
def config() -> None:
    """Set, unset and list the variables that a deployed app is started with.

    \b
      hop3-nix config set --name shop SECRET_KEY=7f3c... WORKERS=4
      hop3-nix config set --name shop --env-file shop.env
      hop3-nix config unset --name shop WORKERS
      hop3-nix config list --name shop

    They are kept in a file that only its owner can read, and never in the store. A change
    restarts the app with the same artifact; if it does not come up, they stay as they were.
    """


@config.command(name="set", cls=HostCommand)
@click.argument("pairs", nargs=-1, metavar="[NAME=VALUE...]")
@click.option(
    "--env-file",
    "env_files",
    type=FILE,
    multiple=True,
    help="Read NAME=VALUE lines from a file that only you can read (mode 0600).",
)
@click.option("--name", default="", help="The app, which need not be deployed yet.")
@later_option
@root_options
@json_option
def set_(
    *,
    pairs: tuple[str, ...],
    env_files: tuple[Path, ...],
    name: str,
    no_restart: bool,
    root: Path | None,
    manager: str | None,
    as_json: bool,
) -> None:
    """Set variables, and restart the app with them.

    What stands on a command line can be seen by every user of this machine while it runs: give
    secrets by --env-file.
    """
    from hop3_nix.deploy.envfile import read_overrides  # noqa: PLC0415 - --help does without
    from hop3_nix.workers.environment import NAME  # noqa: PLC0415 - likewise

    for pair in pairs:
        variable, equals, _ = pair.partition("=")
        if not equals or not NAME.fullmatch(variable):
            raise InputError(f"{pair}: not NAME=VALUE", tip="Example: hop3-nix config set DEBUG=1")
    values = read_overrides(pairs, env_files)
    if not values:
        raise click.UsageError("Give NAME=VALUE, or --env-file FILE.")
    _change(values, (), name, root, manager, now=not no_restart, as_json=as_json, new=bool(name))


@config.command(cls=HostCommand)
@click.argument("variables", nargs=-1, required=True, metavar="NAME...")
@name_option
@later_option
@root_options
@json_option
def unset(
    *,
    variables: tuple[str, ...],
    name: str,
    no_restart: bool,
    root: Path | None,
    manager: str | None,
    as_json: bool,
) -> None:
    """Unset variables, and restart the app without them."""
    _change({}, variables, name, root, manager, now=not no_restart, as_json=as_json)


@config.command(name="list", cls=HostCommand)
@name_option
@click.option("--names", is_flag=True, help="Without the values.")
@root_options
@json_option
def list_(*, name: str, names: bool, root: Path | None, manager: str | None, as_json: bool) -> None:
    """List the variables that the next release is started with."""
    from hop3_nix.deploy.configuration import read_environment  # noqa: PLC0415 - --help does without

    values = read_environment(known_app(open_host(root, manager), name).environment)
    if as_json:
        echo(json.dumps(sorted(values) if names else values, indent=2, sort_keys=True))
        return
    for variable, value in sorted(values.items()):
        echo(variable if names else f"{variable}={value}")


def _change(
    values: Mapping[str, str],
    unset_: Collection[str],
    name: str,
    root: Path | None,
    manager: str | None,
    *,
    now: bool,
    as_json: bool,
    new: bool = False,
) -> None:
    from hop3_nix.deploy.releases.changes import configure  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    app = name if new else known_app(host, name).name
    outcome = configure(host, app, values, unset_, report, now=now)
    if outcome is not None:
        show_outcome(outcome, as_json=as_json)
    elif as_json:
        echo(json.dumps({"app": app, "release": None}))
    else:
        echo(f"kept for the next release of {app}")
