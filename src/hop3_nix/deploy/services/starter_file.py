"""The file that the starter of a service reads."""

from __future__ import annotations

import json
import re
import resource
import shutil
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ServiceError, UnavailableError

if TYPE_CHECKING:
    from hop3_nix.deploy.services.base import Service

LIMIT: Final = re.compile(r"(\d+)([KMGT]?)")
UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def for_starter(service: Service) -> str:
    """Return what `starter` is told of ``service``.

    Raises UnavailableError for what only systemd can do: schedules, limits by control groups.
    """
    if service.schedule:
        raise UnavailableError(
            f"{service.description}: supervisord starts nothing at set times ({service.schedule})",
            tip="Deploy it on a machine with systemd, or scale this worker to 0 (--scale) and have "
            "the machine's own cron call: hop3-nix exec",
        )
    return json.dumps(
        {
            "app": service.app,
            "argv": service.argv,
            "env": dict(service.env),
            "directory": service.directory,
            "secrets": str(service.secrets or ""),
            "user": service.user,
            "limits": dict(_limit(name, text) for name, text in service.limits.items()),
        },
        indent=1,
    )


def _limit(name: str, text: str) -> tuple[str, tuple[int, int]]:
    """Return a systemd limit (systemd.exec(5), "Process Properties") as setrlimit(2) has it."""
    resource_name = f"RLIMIT_{name.removeprefix('Limit')}"
    if not name.startswith("Limit") or not hasattr(resource, resource_name):
        raise UnavailableError(
            f"supervisord cannot limit {name}: that needs systemd's control groups",
            tip="Leave the limit out, or take one of setrlimit(2): LimitNOFILE, LimitAS, LimitCPU.",
        )
    soft, _, hard = text.partition(":")
    return resource_name, (_amount(name, soft), _amount(name, hard or soft))


def _amount(name: str, text: str) -> int:
    if text == "infinity":
        return resource.RLIM_INFINITY
    match = LIMIT.fullmatch(text)
    if match is None:
        raise ServiceError(
            f"the limit {name}={text} is not a number", tip="Example: LimitNOFILE=4096, LimitAS=2G"
        )
    return int(match[1]) * UNITS[match[2]]


def make_state(service: Service) -> None:
    """Make the directory that ``service`` may write to, for its user alone."""
    if service.state.is_dir():
        return
    service.state.mkdir(mode=0o700, parents=True)
    if service.user:
        shutil.chown(service.state, service.user)
