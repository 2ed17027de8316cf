"""TCP sockets that listen on this machine, and whose they are (proc(5), /proc/net/tcp)."""

from __future__ import annotations

import ipaddress
import re
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROC: Final = Path("/proc")

SOCKET: Final = re.compile(r"^socket:\[([0-9]+)\]$")

LISTEN: Final = "0A"
ESTABLISHED: Final = "01"
CLOSE_WAIT: Final = "08"


@dataclass(frozen=True)
class Connection:
    """One TCP socket; addresses and states are as the kernel writes them."""

    local: str
    remote: str
    state: str
    inode: str
    user: int


@dataclass(frozen=True)
class Listener:
    """A socket that takes connections."""

    address: str
    port: int
    inode: str
    user: int
    """Of the process that made it."""

    def __str__(self) -> str:
        """Return it as ADDRESS:PORT."""
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"{shown}:{self.port}"

    @property
    def everywhere(self) -> bool:
        """Return whether every address of the machine leads to it."""
        return ipaddress.ip_address(self.address).is_unspecified


def connections() -> Iterator[Connection]:
    """Yield every TCP socket of this network namespace."""
    for table in ("tcp", "tcp6"):
        with suppress(FileNotFoundError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                yield Connection(fields[1], fields[2], fields[3], fields[9], int(fields[7]))


def listeners() -> list[Listener]:
    """Return every socket that listens, of IPv4 and IPv6."""
    found = []
    for one in connections():
        if one.state == LISTEN:
            address, _, port = one.local.rpartition(":")
            found.append(Listener(_address(address), int(port, 16), one.inode, one.user))
    return found


def sockets_of(processes: Iterable[int]) -> tuple[frozenset[str], bool]:
    """Return the inodes of the sockets that ``processes`` have open, and whether all were seen.

    Not all are seen where a process may not be looked into by this user.
    """
    inodes: set[str] = set()
    complete = True
    for pid in processes:
        try:
            for link in (PROC / str(pid) / "fd").iterdir():
                with suppress(FileNotFoundError):  # closed meanwhile
                    inodes.update(SOCKET.findall(str(link.readlink())))
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        except PermissionError:
            complete = False
    return frozenset(inodes), complete


def processes_with(inode: str) -> list[int]:
    """Return those processes with the socket ``inode`` open that may be looked into."""
    numbers = sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [pid for pid in numbers if inode in sockets_of([pid])[0]]


def name_of(pid: int) -> str:
    """Return what process ``pid`` calls itself, as text for a terminal."""
    try:
        name = (PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return "ended"
    return repr(name)


def users_of(processes: Iterable[int]) -> frozenset[int]:
    """Return the users that ``processes`` run as."""
    found = set()
    for pid in processes:
        with suppress(OSError):
            found.add((PROC / str(pid)).stat().st_uid)
    return frozenset(found)


def _address(text: str) -> str:
    # Words of 32 bits, each in the byte order of this machine.
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    address = ipaddress.ip_address(struct.pack(f"={len(words)}I", *words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
