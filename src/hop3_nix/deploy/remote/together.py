"""Deploying to several hosts so that in the end all have the new release, or none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hop3_nix.deploy.remote.elsewhere import ask, ask_quietly, show_errors
from hop3_nix.deploy.remote.fleet import Interrupted, ending, worst
from hop3_nix.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.deploy.remote.address import Address
    from hop3_nix.deploy.remote.connection import Connection
    from hop3_nix.deploy.remote.fleet import Fleet, Output
    from hop3_nix.deploy.remote.order import Order


@dataclass(frozen=True)
class Before:
    """What an app was on a host before it was deployed."""

    known: bool
    release: int | None = None
    """The release that served."""

    def restored_by(self, app: str) -> tuple[str, ...]:
        """Return the command that makes it so again."""
        if not self.known:
            return ("destroy", app, "--yes")
        if self.release is None:
            return ("stop", app)
        return ("rollback", str(self.release), "--name", app)

    def told(self, status: int) -> str:
        """Return what to tell when that command has returned ``status``."""
        if status != ExitCode.OK:
            return f"DEPLOYED, AND DID NOT GO BACK (status {status}): the new release serves there"
        if not self.known:
            return "went back: the app was not there before and is gone again"
        if self.release is None:
            return "went back: the app did not run before and is stopped"
        return f"went back to what release {self.release} was"


def deploy(
    fleet: Fleet,
    order: Order,
    copy: Callable[[Connection], int],
    activate: Callable[[Connection], int],
    output: Output,
) -> int:
    """``copy`` to every host, then ``activate`` on each; if one fails, have the others go back.

    Returns the exit status of the first host that failed, and writes what became of each. A host
    that had no such app before has none after it went back.
    """
    before: dict[Address, Before] = {}

    def prepare(connection: Connection) -> int:
        status = copy(connection)
        before[connection.address] = _before(connection, order)
        return status

    def go_back(connection: Connection) -> int:
        words = before[connection.address].restored_by(order.app)
        return ask(connection, order.program, order.command(*words), output, aside=True)

    ready = fleet.each(prepare)
    show_errors(ready, output)
    if (status := worst(ready, fleet.addresses)) != ExitCode.OK:
        for address, result in ready.items():
            was = "untouched, as another host failed" if result.status == 0 else ending(result)
            output.line(address, was, error=True)
        return status
    interrupt = None
    try:
        results = fleet.each(activate, stop_on_failure=True)
    except Interrupted as error:
        interrupt, results = error, error.results
    output.end(results)
    show_errors(results, output)
    told = {address: ending(result) for address, result in results.items()}
    status = worst(results, fleet.addresses)
    if status != ExitCode.OK or interrupt is not None:
        done = [address for address, result in results.items() if result.status == ExitCode.OK]
        back = fleet.each(go_back, done)
        show_errors(back, output)
        for address, result in back.items():
            told[address] = before[address].told(result.status)
    for address in fleet.addresses:
        output.line(address, told.get(address, "untouched, as another host failed"), error=True)
    if interrupt is not None:
        raise interrupt
    return status


def _before(connection: Connection, order: Order) -> Before:
    request = order.command("releases", order.app, "--json")
    status, text = ask_quietly(connection, order.program, request)
    if status != ExitCode.OK:
        return Before(known=False)
    current = (int(one["release"]) for one in json.loads(text) if one["state"] == "current")
    return Before(known=True, release=next(current, None))
