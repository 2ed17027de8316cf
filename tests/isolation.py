"""Addresses and control groups for containers, which are nobody else's and leave nothing behind."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

HIERARCHIES: Final = ("systemd", "unified", "pids")
"""Where control groups are of version 1, or of both, those that a container needs."""


def connect(pid: int) -> str:
    """Give the network of process ``pid`` an address that no other has, and return it."""
    # An interface's name is taken by whoever makes it first: that decides who has the address.
    for number in range(1, 255):
        name = f"h3-{number}"
        pair = ["ip", "link", "add", name, "type", "veth", "peer", "name", "host0"]
        made = subprocess.run(
            [*pair, "netns", str(pid)], capture_output=True, text=True, check=False
        )
        if made.returncode == 0:
            break
        assert "File exists" in made.stderr, made.stderr
    else:
        raise AssertionError("every address for a host is taken")
    # 198.18.0.0/15 is for benchmarks (RFC 2544): no network that this machine uses has it.
    address = f"198.18.{number}.2"
    there = ["nsenter", f"--target={pid}", "--net", "ip"]
    for argv in (
        ["ip", "address", "add", f"198.18.{number}.1/30", "dev", name],
        ["ip", "link", "set", name, "up"],
        [*there, "address", "add", f"{address}/30", "dev", "host0"],
        [*there, "link", "set", "host0", "up"],
        [*there, "link", "set", "lo", "up"],
    ):
        subprocess.run(argv, check=True)
    return address


def hierarchies() -> list[Path]:
    """Return where control groups are made."""
    mounted = Path("/sys/fs/cgroup")
    return [mounted / name for name in HIERARCHIES if (mounted / name).is_dir()] or [mounted]


def remove_abandoned_groups() -> None:
    """Remove what is left of the hosts of processes that were killed: empty control groups."""
    for group in (group for hierarchy in hierarchies() for group in hierarchy.glob("h3-*-*")):
        if not Path("/proc", group.name.split("-")[1]).exists():
            remove_groups(group)


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` has started, none if it has ended."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except FileNotFoundError:
        return []


def remove_groups(group: Path) -> None:
    """Remove ``group`` and those below it, as far as nothing runs in them."""
    for directory, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):
            Path(directory).rmdir()
