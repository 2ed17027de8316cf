"""What the kernel says of nginx's processes and of the connections to its upstreams (proc(5))."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy import sockets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WORKER: Final = b"nginx: worker process"
ENDING: Final = b"nginx: worker process is shutting down"

EVERY: Final = 0.02
"""Seconds between two looks."""


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether ``condition`` came true within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(EVERY)
    return True


def workers(master: int) -> frozenset[int]:
    """Return the worker processes of ``master`` that take connections."""
    return frozenset(pid for pid in _children(master) if _takes_connections(pid))


def is_connected(ports: Sequence[int]) -> bool:
    """Return whether any connection from this machine to one of ``ports`` on loopback is open."""
    wanted = {f"{port:04X}" for port in ports}
    return any(
        one.state in {sockets.ESTABLISHED, sockets.CLOSE_WAIT}
        and one.remote.rpartition(":")[2] in wanted
        for one in sockets.connections()
    )


def _children(parent: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name, in parentheses, may hold anything; state and parent follow it.
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
                if int(fields[1]) == parent and fields[0] != b"Z":
                    yield int(entry.name)


def _takes_connections(pid: int) -> bool:
    process = Path("/proc", str(pid))
    try:
        title = (process / "cmdline").read_bytes()
    except OSError:
        return False
    if not title.startswith(WORKER):
        return False
    if not title.startswith(ENDING):
        return True
    # The title comes just before it closes its listening sockets.
    listening = {one.inode for one in sockets.connections() if one.state == sockets.LISTEN}
    return bool(listening & sockets.sockets_of([pid])[0])
