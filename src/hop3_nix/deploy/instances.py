"""Which processes a foreground run starts, and the port of each."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.kinds import split_schedule
from hop3_nix.deploy.launch import unknown_worker
from hop3_nix.deploy.supervisor import Instance
from hop3_nix.errors import InputError, TemporaryError
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.deploy.launch import Ready

FIRST_PORT: Final = 5000
PORT_STEP: Final = 100
"""Distance between the ports of two workers; both figures are those of foreman and honcho."""

LAST_PORT: Final = 65535
PORTS_TRIED: Final = 100


def plan_instances(
    ready: Ready, *, only: Sequence[str] = (), scale: Mapping[str, int] | None = None
) -> tuple[list[Instance], list[str]]:
    """Return the processes to start, and a line for each worker that is not started here.

    Raises InputError for unknown names, and if nothing is left to start; TemporaryError if no
    port is free.
    """
    scale = scale or {}
    workers = ready.runtime.workers
    for name in (*only, *scale):
        if name not in workers:
            raise unknown_worker(name, workers)
        if kind_of(name) != "process":
            raise InputError(
                f"{name} is not started in the foreground",
                tip=_elsewhere(ready, name),
            )
    # JSON keeps no order that means anything; the one that is talked to comes first.
    names = sorted(
        (name for name in workers if kind_of(name) == "process" and name in (only or workers)),
        key=lambda name: (name != "web", name),
    )
    counts = {name: scale.get(name, 1) for name in names}
    if not any(counts.values()):
        raise InputError(
            "there is no worker to start",
            tip=f"The artifact's workers: {', '.join(sorted(workers)) or 'none'}",
        )
    base = _first_port(ready, max(1, counts[names[0]]))
    instances = [
        _instance(ready, name, number if count > 1 else 0, base + PORT_STEP * index + number - 1)
        for index, (name, count) in enumerate(counts.items())
        for number in range(1, count + 1)
    ]
    others = [] if only else [name for name in sorted(workers) if kind_of(name) != "process"]
    return instances, [_elsewhere(ready, name) for name in others]


def _instance(ready: Ready, name: str, number: int, port: int) -> Instance:
    if port > LAST_PORT:
        raise InputError(f"{name} would get port {port}", tip="Set PORT to a lower number.")
    start = ready.worker(name, {"PORT": str(port)})
    return Instance(f"{name}.{number}" if number else name, start, f", PORT={port}")


def _elsewhere(ready: Ready, name: str) -> str:
    """Return what becomes of a worker that is no process to keep running."""
    schedule, command = split_schedule(name, ready.runtime.workers[name])
    if kind_of(name) == "static":
        return f"{name} is not started: a web server has to serve {command}"
    where = ready.located.app_root or ready.located.location
    return (
        f"{name} is not started: its schedule is {schedule!r}; "
        f"to run it once: hop3-nix exec {name} {where}"
    )


def _first_port(ready: Ready, wanted: int) -> int:
    """Return PORT if anybody set it, else the first of enough free ports."""
    for source in (ready.overrides, os.environ, ready.runtime.env_vars):
        text = source.get("PORT", "")
        if text:
            if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LAST_PORT):
                raise InputError(f"PORT is not a port: {text!r}", tip="Example: PORT=8000")
            return int(text)
    for base in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if all(is_free(base + number) for number in range(wanted)):
            return base
    raise TemporaryError(
        f"no {wanted} free ports in a row from {FIRST_PORT} on", tip="Set PORT to a free one."
    )


def is_free(port: int) -> bool:
    """Return whether nothing listens on ``port``, on any address."""
    dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if dual else socket.AF_INET
    try:
        with socket.create_server(("", port), family=family, dualstack_ipv6=dual):
            return True
    except OSError:
        return False
