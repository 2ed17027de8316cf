"""``stop``, ``start``, ``restart``, ``scale``, ``logs`` and ``destroy``: an app as it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hop3_nix.cli.apps import (
    json_option,
    known_app,
    name_argument,
    name_option,
    open_host,
    parse_counts,
    root_options,
)
from hop3_nix.cli.console import echo, is_terminal, report
from hop3_nix.cli.deploy import show_outcome
from hop3_nix.cli.hosts import HostCommand

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=HostCommand, short_help="Stop an app until it is started again.")
@name_argument
@root_options
def stop(*, name: str, root: Path | None, manager: str | None) -> None:
    """Stop every worker of the app NAME, also for the next boot, and serve it no longer."""
    from hop3_nix.deploy.releases import changes  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    release = changes.stop(host, known_app(host, name).name, report)
    echo(f"release {release.number} of {release.app} is stopped")


@click.command(cls=HostCommand, short_help="Start what does not run of an app.")
@name_argument
@root_options
def start(*, name: str, root: Path | None, manager: str | None) -> None:
    """Start what does not run of the app NAME, and put right what was interrupted."""
    from hop3_nix.deploy.releases import changes  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    release = changes.start(host, known_app(host, name).name, report)
    echo(f"release {release.number} of {release.app} runs")


@click.command(cls=HostCommand, short_help="Start an app afresh, without dropping requests.")
@name_argument
@root_options
@json_option
def restart(*, name: str, root: Path | None, manager: str | None, as_json: bool) -> None:
    """Make a release of what runs as NAME: the same artifact, started beside the old processes.

    before_run is not run again.
    """
    from hop3_nix.deploy.releases import changes  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    outcome = changes.restart(host, known_app(host, name).name, report)
    show_outcome(outcome, as_json=as_json)


@click.command(cls=HostCommand, short_help="Change how many instances of a worker there are.")
@click.argument("counts", nargs=-1, required=True, metavar="WORKER=N...")
@name_option
@root_options
@json_option
def scale(
    *, counts: tuple[str, ...], name: str, root: Path | None, manager: str | None, as_json: bool
) -> None:
    """Run N instances of WORKER from now on: hop3-nix scale web=2 mailer=0.

    It is a release of the same artifact; before_run is not run again.
    """
    from hop3_nix.deploy.releases import changes  # noqa: PLC0415 - --help does without

    wanted = parse_counts(counts)
    host = open_host(root, manager)
    outcome = changes.scale(host, known_app(host, name).name, wanted, report)
    show_outcome(outcome, as_json=as_json)


@click.command(cls=HostCommand, short_help="Show what the workers print.")
@name_argument
@click.option("-n", "--lines", type=click.IntRange(min=0), default=100, show_default=True)
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines.")
@click.option("--worker", default="", help="Of this worker or instance only: web, or web.2.")
@click.option(
    "--release", type=click.IntRange(min=1), help="Of another release, as one that failed."
)
@root_options
def logs(
    *,
    name: str,
    lines: int,
    follow: bool,
    worker: str,
    release: int | None,
    root: Path | None,
    manager: str | None,
) -> None:
    """Show the last lines that the workers of the app NAME printed."""
    from hop3_nix.deploy.releases.logs import read_logs  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    place = known_app(host, name)
    for label, line in read_logs(
        host, place, worker=worker, release=release, lines=lines, follow=follow
    ):
        echo(f"{label} | {line}")


@click.command(cls=HostCommand, short_help="Take an app away.")
@click.argument("name")
@click.option("--data", is_flag=True, help="What it has written goes as well.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@root_options
def destroy(*, name: str, data: bool, yes: bool, root: Path | None, manager: str | None) -> None:
    """Stop the app NAME and take away its releases, settings and variables.

    What it has written stays where it is, unless --data is given.
    """
    from hop3_nix.deploy.releases import changes  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    place = known_app(host, name)
    if not yes:
        if not is_terminal():
            raise click.UsageError("Nobody is there to ask: give --yes.")
        what = "and all that it has written " if data else ""
        click.confirm(f"Take {name} {what}away?", abort=True, err=True)
    written = changes.destroy(host, place.name, report, data=data)
    kept = f"; what it has written is kept in {written}" if written.exists() else ""
    echo(f"{name} is gone{kept}")
