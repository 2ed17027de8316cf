"""Commands of hop3-nix that run on other hosts, with their output and their status here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from hop3_nix.deploy.remote import copying
from hop3_nix.deploy.remote import program as programs
from hop3_nix.deploy.remote.fleet import Fleet, worst
from hop3_nix.deploy.remote.request import COMMAND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.deploy.remote.address import Address
    from hop3_nix.deploy.remote.connection import Connection
    from hop3_nix.deploy.remote.fleet import Output, Result
    from hop3_nix.deploy.remote.program import Program
    from hop3_nix.deploy.remote.request import Request


def run_elsewhere(
    addresses: Sequence[Address],
    request: Request,
    *,
    program: Program,
    parallel: int,
    output: Output,
) -> int:
    """Run what ``request`` says on each host; return the status of the first that failed.

    Raises what keeps it from being run on the only host; of several, their lines tell it.
    """

    def work(connection: Connection) -> int:
        if program.travels is not None:
            copying.send(
                connection,
                [program.travels],
                say=partial(output.line, connection.address, error=True),
            )
        programs.check(connection, program)
        return ask(connection, program, request, output)

    with Fleet(addresses, parallel=parallel) as fleet:
        results = fleet.each(work)
    output.end(results)
    show_errors(results, output)
    return worst(results, addresses)


def ask(
    connection: Connection,
    program: Program,
    request: Request,
    output: Output,
    *,
    aside: bool = False,
) -> int:
    """Have the host do what ``request`` says, showing its lines, and return its exit status.

    What it answers goes to standard error if it is ``aside`` from what the user asked for.
    """
    return connection.talk(
        [program.command, COMMAND],
        request.to_line(),
        on_stdout_line=partial(output.line, connection.address, error=aside),
        on_stderr_line=partial(output.line, connection.address, error=True),
    )


def ask_quietly(connection: Connection, program: Program, request: Request) -> tuple[int, str]:
    """Return the exit status and the standard output of what ``request`` says."""
    lines: list[str] = []
    status = connection.talk(
        [program.command, COMMAND],
        request.to_line(),
        on_stdout_line=lines.append,
        on_stderr_line=lambda _line: None,
    )
    return status, "\n".join(lines)


def show_errors(results: Mapping[Address, Result], output: Output) -> None:
    """Write what hop3-nix itself has to say of each host, or raise it if there is one host."""
    for address, result in results.items():
        if result.error is None:
            continue
        if output.alone:
            raise result.error
        for line in f"error: {result.error}\n{result.error.tip}".rstrip("\n").splitlines():
            output.line(address, line, error=True)
