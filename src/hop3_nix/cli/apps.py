"""Options and arguments of the commands about deployed apps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hop3_nix.errors import InputError
from hop3_nix.workers.counts import EXAMPLE, CountError, read_counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.layout import AppPlace

name_argument = click.argument("name", required=False, default="", metavar="[NAME]")
name_option = click.option("--name", default="", help="The app; not needed if there is only one.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


def root_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --root and --manager."""
    root = click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where the deployed apps stand. Default: $HOP3_DEPLOY_ROOT, else /var/lib/hop3 for "
        "root and ~/.local/state/hop3 for others.",
    )
    manager = click.option(
        "--manager",
        type=click.Choice(["systemd", "supervisord"]),
        help="Who runs the services. Default: whoever has them, else systemd where it runs.",
    )
    return root(manager(command))


def open_host(root: Path | None, manager: str | None) -> Host:
    """Return this host; see `hop3_nix.deploy.releases.host.open_host`."""
    from hop3_nix.deploy.releases.host import open_host as open_  # noqa: PLC0415 - --help does without

    return open_(root, manager)


def known_app(host: Host, name: str) -> AppPlace:
    """Return the place of app ``name``, or of the only one. Raises InputError."""
    from hop3_nix.deploy.releases.changes import known  # noqa: PLC0415 - --help does without

    if name:
        return known(host, name)
    apps = host.layout.apps()
    if not apps:
        message = f"no app is deployed in {host.layout.root}"
        raise InputError(message, tip="Deploy one: hop3-nix deploy APP")
    if len(apps) > 1:
        tip = f"The apps there: {', '.join(apps)}. {_how_to_name()}"
        raise InputError("name the app", tip=tip)
    return host.layout.app(apps[0])


def _how_to_name() -> str:
    """Return how the current command is told the app, which some take as an option."""
    command = click.get_current_context()
    option = any("--name" in parameter.opts for parameter in command.command.params)
    return f"Example: {command.command_path} {'--name ' if option else ''}NAME"


def parse_counts(pairs: tuple[str, ...], option: str = "") -> dict[str, int]:
    """Return the counts in ``WORKER=N`` words, those of ``option`` if so. Raises InputError."""
    try:
        return read_counts(pairs)
    except CountError as error:
        raise InputError(f"{option} {error}".lstrip(), tip=EXAMPLE) from error
