"""The file that the starter of a service reads."""

from __future__ import annotations

import json
import os
import pwd
import resource
from typing import TYPE_CHECKING

from hop3_nix.deploy.services.limits import amount, check_limits
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.deploy.services.base import Service


def for_starter(service: Service) -> str:
    """Return what `starter` is told of ``service``.

    Raises UnavailableError for what only systemd can do: schedules, limits by control groups;
    InputError for a limit that there is not.
    """
    check_limits(service.limits)
    if service.schedule:
        raise UnavailableError(
            f"{service.description}: supervisord starts nothing at set times ({service.schedule})",
            tip="Deploy it on a machine with systemd, or scale this worker to 0 (--scale) and have "
            "the machine's own cron call: hop3-nix exec WORKER ARTIFACT",
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
    return resource_name, (_value(soft), _value(hard or soft))


def _value(text: str) -> int:
    return resource.RLIM_INFINITY if text == "infinity" else int(amount(text))


def make_state(service: Service) -> None:
    """Make the directory that ``service`` may write to, for its user alone.

    If it was another user's, all that stands in it is given to this one.
    """
    service.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        user = pwd.getpwnam(service.user) if service.user else pwd.getpwuid(0)
        if service.state.stat().st_uid != user.pw_uid:
            _give(service.state, user.pw_uid, user.pw_gid)


def _give(directory: Path, user: int, group: int) -> None:
    """Give ``directory`` and all below it to ``user``, following no symlink; itself comes last."""
    for _, directories, files, descriptor in os.fwalk(directory, follow_symlinks=False):
        for name in (*directories, *files):
            os.chown(name, user, group, dir_fd=descriptor, follow_symlinks=False)
    os.chown(directory, user, group)
