"""The file that the starter of a service reads."""

from __future__ import annotations

import json
import resource
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.confinement import confine_state
from hop3_nix.deploy.services.limits import amount, check_limits
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from hop3_nix.deploy.confinement import Confinement
    from hop3_nix.deploy.services.base import Service

PROXY: Final = "hop3-proxy"
"""The app that the proxy belongs to, whose master process has to be root to have port 80."""

LOW_PORTS: Final = 1024
"""Ports below are for those who may have them."""


def for_starter(service: Service, confinement: Confinement | None) -> str:
    """Return what `starter` is told of ``service``; without confines, it is ours to trust.

    Raises UnavailableError for what only systemd can do, which is limits by control groups;
    InputError for a limit that there is not.
    """
    check_limits(service.limits)
    return json.dumps(
        {
            "app": service.app,
            "argv": service.argv,
            "env": dict(service.env),
            "directory": service.directory,
            "secrets": str(service.secrets or ""),
            "confinement": confinement and confinement.to_data(),
            "schedule": service.schedule,
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


def confine_service(service: Service) -> Confinement | None:
    """Make the directory that ``service`` may write to, and return its confines.

    It is for its user alone. If it was another user's, all that this one had written in it is given
    to the new one. The proxy is ours and needs ports that only root may have: it has no confines.
    """
    if service.app == PROXY:
        service.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        return None
    return confine_state(
        service.state,
        user=service.user,
        reads=service.reads,
        binds=[(str(kept), str(place)) for kept, place in service.binds],
        low_ports=service.bind_low_ports or (service.port or LOW_PORTS) < LOW_PORTS,
        ports=service.ports,
    )
