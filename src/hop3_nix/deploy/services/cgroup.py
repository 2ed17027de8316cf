"""Control groups as files: systemd.io, "Control Group APIs and Delegation"; cgroups(7)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HIERARCHIES: Final = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/systemd"))
"""Of cgroup v2, and systemd's own beside cgroup v1."""


def processes(group: str, hierarchies: tuple[Path, ...] = HIERARCHIES) -> frozenset[int]:
    """Return the processes in ``group``, as systemd calls it, and in the groups below it."""
    if not group.strip("/"):  # a unit that does not run is in none
        return frozenset()
    return frozenset(
        int(line)
        for top in hierarchies
        for file in Path(top, group.lstrip("/")).rglob("cgroup.procs")
        for line in file.read_text().split()
    )
