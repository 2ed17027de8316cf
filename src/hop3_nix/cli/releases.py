"""``releases``, ``rollback``, ``status`` and ``gc``: what is deployed, and going back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from hop3_nix.cli.apps import (
    json_option,
    known_app,
    name_argument,
    name_option,
    open_host,
    root_options,
)
from hop3_nix.cli.console import echo, report
from hop3_nix.cli.deploy import show_outcome
from hop3_nix.cli.hosts import HostCommand

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hop3_nix.deploy.releases.status import Status


@click.command(cls=HostCommand, short_help="List the releases of an app.")
@name_argument
@root_options
@json_option
def releases(*, name: str, root: Path | None, manager: str | None, as_json: bool) -> None:
    """List the releases of the app NAME that are kept, newest first.

    Any that is not marked failed can be had again: hop3-nix rollback N.
    """
    from hop3_nix.deploy.releases.status import history  # noqa: PLC0415 - --help does without

    past = history(known_app(open_host(root, manager), name))
    if as_json:
        echo(json.dumps([one.to_data() for one in past], indent=2))
        return
    rows = [(str(one.release), one.state, one.created, one.reason, one.location) for one in past]
    _table(("release", "state", "created", "reason", "artifact"), rows)


@click.command(cls=HostCommand, short_help="Go back to the artifact of an earlier release.")
@click.argument("number", type=click.IntRange(min=1), required=False, metavar="[N]")
@name_option
@root_options
@json_option
def rollback(
    *, number: int | None, name: str, root: Path | None, manager: str | None, as_json: bool
) -> None:
    """Make a release of the artifact of release N; by default, of the artifact before this one.

    It has a number of its own, and the settings and variables of today. It comes up healthy, or
    the release that serves goes on, as with deploy.
    """
    from hop3_nix.deploy.releases import changes  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    outcome = changes.rollback(host, known_app(host, name).name, number, report)
    show_outcome(outcome, as_json=as_json)


@click.command(cls=HostCommand, short_help="Show what runs.")
@name_argument
@root_options
@json_option
def status(*, name: str, root: Path | None, manager: str | None, as_json: bool) -> None:
    """Show how the app NAME is, or all apps. Nothing is changed, and nobody waited for."""
    from hop3_nix.deploy.releases import status as module  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    places = [known_app(host, name)] if name else [host.layout.app(a) for a in host.layout.apps()]
    found = [module.status(host, place) for place in places]
    if as_json:
        data = [one.to_data() for one in found]
        echo(json.dumps(data[0] if name else data, indent=2))
        return
    if not found:
        report(f"no app is deployed in {host.layout.root}")
    for one in found:
        _show(one)


@click.command(cls=HostCommand, short_help="Take old releases away.")
@name_argument
@click.option(
    "--keep", type=click.IntRange(min=1), help="Artifacts to keep [what deploy was told]."
)
@root_options
@json_option
def gc(
    *, name: str, keep: int | None, root: Path | None, manager: str | None, as_json: bool
) -> None:
    """Keep the newest releases of the app NAME, or of all apps, and take the others away.

    Their store paths go with the next nix-collect-garbage. Every deployment does the same for its
    app. The release that serves is always kept.
    """
    from hop3_nix.deploy.releases import changes  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    names = [known_app(host, name).name] if name else host.layout.apps()
    collected = {one: changes.gc(host, one, keep, report) for one in names}
    if as_json:
        data = {
            one: {"removed": what.releases, "kept": what.kept} for one, what in collected.items()
        }
        echo(json.dumps(data))
        return
    for one, what in collected.items():
        removed = ", ".join(map(str, what.releases)) or "nothing"
        echo(f"{one}: removed {removed}; kept {', '.join(map(str, what.kept)) or 'nothing'}")


def _show(status_: Status) -> None:
    release = f", release {status_.release} since {status_.created}" if status_.release else ""
    echo(click.style(f"{status_.app}: {status_.state}{release}", bold=True))
    if status_.listen:
        names = f" for {', '.join(status_.names)}" if status_.names else ""
        echo(f"  listens on {', '.join(status_.listen)}{names}")
    if status_.proxy not in {"", "running"}:
        echo(f"  the proxy is {status_.proxy}; to start it: hop3-nix start {status_.app}")
    if status_.location:
        echo(f"  {status_.location}")
    if status_.interrupted:
        echo(
            f"  a command was interrupted ({status_.transition}); the next one puts it right: "
            f"hop3-nix start {status_.app}"
        )
    elif status_.transition:
        echo(f"  being changed now: {status_.transition}")
    rows = [
        (
            f"{one.worker}.{one.number}",
            one.state if not one.schedule else f"{one.state} ({one.schedule})",
            "" if one.pid is None else str(one.pid),
            "" if one.port is None else str(one.port),
            str(one.restarts),
            one.since,
        )
        for one in status_.workers
    ]
    if rows:
        _table(("worker", "state", "process", "port", "restarts", "since"), rows, indent="  ")
    for stranger in status_.strangers:
        echo(f"  warning: {stranger}, and gets the app's requests")


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, indent: str = "") -> None:
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        echo(f"{indent}{'  '.join(cells)}".rstrip())
