"""Deploying to other hosts: the closure first, then the same command there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hop3_nix.deploy.remote import copying, together
from hop3_nix.deploy.remote import program as programs
from hop3_nix.deploy.remote.elsewhere import ask, show_errors
from hop3_nix.deploy.remote.fleet import Fleet, ending, worst
from hop3_nix.errors import ExitCode
from hop3_nix.nix import stores as nixstores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.deploy.remote.address import Address
    from hop3_nix.deploy.remote.connection import Connection
    from hop3_nix.deploy.remote.fleet import Output
    from hop3_nix.deploy.remote.order import Order


def deploy(
    order: Order, addresses: Sequence[Address], *, parallel: int, atomic: bool, output: Output
) -> int:
    """Deploy to each host and return the status of the first, in their order, that failed.

    With ``atomic``, all hosts go back if one fails. Raises InputError for an artifact that cannot
    travel, and what `show_errors` does.
    """
    copying.require_store_path(order.location)
    request = order.deploy()
    if order.key is not None:
        nixstores.sign(order.location, order.key)

    def copy(connection: Connection) -> int:
        send(connection, order, output)
        return ExitCode.OK

    def activate(connection: Connection) -> int:
        return ask(connection, order.program, request, output)

    with Fleet(addresses, parallel=parallel) as fleet:
        if atomic and len(addresses) > 1:
            return together.deploy(fleet, order, copy, activate, output)
        results = fleet.each(lambda connection: copy(connection) or activate(connection))
    output.end(results)
    show_errors(results, output)
    if not output.alone:
        for address, result in results.items():
            output.line(address, ending(result), error=True)
    return worst(results, addresses)


def send(connection: Connection, order: Order, output: Output) -> None:
    """Copy the closure, with the program that deploys it if that travels."""
    # Before anything is copied, which can take minutes.
    programs.check(connection, order.program)
    travels = order.program.travels
    copying.send(
        connection,
        [order.location, *([travels] if travels else [])],
        say=partial(output.line, connection.address, error=True),
        sign=order.signatures or order.key is not None,
    )
