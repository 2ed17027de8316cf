"""The far end of a connection: runs the command that was asked for, and ends it with the caller.

The command is a child that never writes to the connection itself. So it can go back in good order
when the connection is gone, where it would be killed by its first line of output.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from hop3_nix.deploy.remote.request import Request, read_request
from hop3_nix.errors import TemporaryError

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK: Final = 1 << 16
LONGEST: Final = 1 << 24
"""Bytes of a request."""


def serve(run: Callable[[list[str]], int], stdin: int = 0, out: int = 1, err: int = 2) -> int:
    """Read a request, have ``run`` do what it says in a child, and return the child's exit status.

    When ``stdin`` ends before the child does, or we are asked to end, the child gets SIGTERM.
    Raises InputError for what is no request, TemporaryError if none came.
    """
    request = read_request(_first_line(stdin))
    pipes = os.pipe(), os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _become(request, run, (pipes[0][1], pipes[1][1]))
    for _, writing in pipes:
        os.close(writing)
    sinks = {pipes[0][0]: out, pipes[1][0]: err}
    stop = _Stop(child)
    ended = os.pidfd_open(child)
    while True:
        try:
            if not _pass_on(stdin, sinks, stop, ended):
                break
        except KeyboardInterrupt:
            stop()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256


class _Stop:
    """Asks the child to end, once: a second SIGTERM would interrupt its going back."""

    def __init__(self, child: int) -> None:
        self._child = child
        self.asked = False

    def __call__(self) -> None:
        if not self.asked:
            self.asked = True
            os.kill(self._child, signal.SIGTERM)


def _pass_on(stdin: int, sinks: dict[int, int], stop: _Stop, ended: int) -> bool:
    """Wait for what comes next and pass it on; False when the child has ended and all is read.

    What the child has started in the background may keep its output open for ever.
    """
    waited = [ended, *sinks] if stop.asked else [ended, stdin, *sinks]
    ready = select.select(waited, [], [])[0]
    for descriptor in ready:
        if descriptor == ended:
            continue
        data = os.read(descriptor, CHUNK)
        if descriptor == stdin:
            if not data:
                stop()
        elif data:
            _write(sinks[descriptor], data)
        else:
            os.close(descriptor)
            del sinks[descriptor]
    return ready != [ended]


def _write(descriptor: int, data: bytes) -> None:
    # Nobody may be there any more to read it.
    with suppress(BrokenPipeError):
        while data:
            data = data[os.write(descriptor, data) :]


def _first_line(descriptor: int) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n") and len(line) < LONGEST:
        data = os.read(descriptor, CHUNK)
        if not data:
            raise TemporaryError("the connection ended before it said what to do", tip="Try again.")
        line += data
    return bytes(line)


def _become(request: Request, run: Callable[[list[str]], int], output: tuple[int, int]) -> NoReturn:
    """Run the command in this process, which ends with it."""
    status = 70  # errors.ExitCode.INTERNAL, if nothing below gets to say another
    try:
        os.setpgid(0, 0)
        # In memory, with the mode that an env file has to have.
        secrets = os.memfd_create("secrets")
        os.fchmod(secrets, 0o600)
        _write(secrets, request.secrets.encode())
        os.lseek(secrets, 0, os.SEEK_SET)
        for descriptor, number in ((secrets, 0), (output[0], 1), (output[1], 2)):
            os.dup2(descriptor, number)
        # Whoever kept the other end of a pipe open would never see it broken.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        status = run(list(request.arguments))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)
