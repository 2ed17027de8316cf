"""What the kernel says of nginx's processes and of the connections to its upstreams (proc(5))."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WORKER: Final = b"nginx: worker process"
ENDING: Final = b"nginx: worker process is shutting down"

LISTEN: Final = "0A"
ESTABLISHED: Final = "01"
CLOSE_WAIT: Final = "08"

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
        state in {ESTABLISHED, CLOSE_WAIT} and remote.rpartition(":")[2] in wanted
        for _, remote, state, _ in _sockets()
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
    listening = {f"socket:[{inode}]" for _, _, state, inode in _sockets() if state == LISTEN}
    with suppress(OSError):
        return any(str(link.readlink()) in listening for link in (process / "fd").iterdir())
    return False


def _sockets() -> Iterator[tuple[str, str, str, str]]:
    """Yield (local, remote, state, inode) of each TCP socket, as the kernel writes them."""
    for table in ("tcp", "tcp6"):
        with suppress(FileNotFoundError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                fields = line.split()
                yield fields[1], fields[2], fields[3], fields[9]
