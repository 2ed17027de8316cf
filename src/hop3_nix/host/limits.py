"""What a build may take of a machine: time, silence, output, files, memory, processes.

Imports the standard library only: an unchanged build goes through here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

_SYSTEMD: Final = Path("/run/systemd/system")
"""There if systemd runs (sd_booted(3))."""


class BuildLimits(NamedTuple):
    """The limits of each derivation, and of all that are built at a time; 0 is none."""

    timeout: int = 2 * 3600
    """Seconds that one may take."""
    silence: int = 30 * 60
    """Seconds that one may go on without printing anything."""
    log_size: int = 32 << 20
    """Bytes that one may print."""
    file_size: int = 16 << 30
    """Bytes that a file may have which it writes."""
    memory: int | None = None
    """Bytes: of all together in a control group, else of each process; None for most there is."""
    processes: int = 4096
    """Processes and threads: of all together in a control group, else of each build."""

    def nix_options(self) -> dict[str, str]:
        """Return what Nix itself watches, by the names of nix.conf(5)."""
        return {
            "timeout": str(self.timeout),
            "max-silent-time": str(self.silence),
            "max-build-log-size": str(self.log_size),
        }

    def front(self) -> tuple[str, ...]:
        """Return what stands before a command that builds, so that the kernel watches the rest.

        Memory and processes are those of a control group of systemd's for root where there is
        systemd, else resource limits (setrlimit(2)). What a daemon builds is the daemon's.
        """
        from shutil import which  # noqa: PLC0415 - for what builds alone

        memory = _most_memory() if self.memory is None else self.memory
        root = os.geteuid() == 0
        if root and _SYSTEMD.is_dir() and which("systemd-run"):
            limits = {"MemoryMax": memory, "TasksMax": self.processes}
            given = (f"--property={name}={limit}" for name, limit in limits.items() if limit)
            scope = ("systemd-run", "--scope", "--quiet", "--collect", *given, "--")
            return (*scope, *_limited(fsize=self.file_size))
        # The kernel counts by user: a build has one of its own only if root starts it.
        others = 0 if root else _threads_of(os.geteuid())
        processes = others + self.processes if self.processes else 0
        return _limited(fsize=self.file_size, data=memory, nproc=processes)


def _limited(**limits: int) -> tuple[str, ...]:
    from shutil import which  # noqa: PLC0415 - likewise

    given = [f"--{name}={limit}" for name, limit in limits.items() if limit]
    return ("prlimit", *given, "--") if given and which("prlimit") else ()


def _most_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 9 // 10


def _threads_of(user: int) -> int:
    """Return how many threads ``user`` has now."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == user:
                count += sum(1 for _ in (process / "task").iterdir())
        except OSError:
            continue  # it has ended
    return count
