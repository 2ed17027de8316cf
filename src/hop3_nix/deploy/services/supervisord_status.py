"""What supervisord says of a process, as any service manager says it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from supervisor.states import ProcessStates

from hop3_nix.deploy.services.base import ServiceStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.deploy.services.base import State
    from hop3_nix.deploy.services.starter import Start

STATES: Final[Mapping[int, State]] = {
    ProcessStates.STOPPED: "stopped",
    ProcessStates.STARTING: "running",  # it runs, but not for a second yet
    ProcessStates.RUNNING: "running",
    ProcessStates.BACKOFF: "starting",  # it ended too soon, and will be started again
    ProcessStates.STOPPING: "stopping",
    ProcessStates.EXITED: "stopped",
    ProcessStates.FATAL: "failed",
    ProcessStates.UNKNOWN: "failed",
}


def status_of(info: Mapping[str, Any], record: Start | None) -> ServiceStatus:
    """Return what supervisord's ``info`` of a process and the starter's ``record`` of it say."""
    state = STATES[info["state"]]
    # The process that runs next, or has not noted itself yet, is one more.
    again = state in {"running", "starting"} and record is not None and record.pid != info["pid"]
    status = None
    # Of one that ended too soon, or runs again, supervisord does not keep the status.
    if (
        info["stop"]
        and state != "running"
        and not info["spawnerr"].startswith("Exited too quickly")
    ):
        status = info["exitstatus"]
    if info["state"] == ProcessStates.EXITED and status:
        state = "failed"
    since = info["start"] if state == "running" else info["stop"] or info["start"]
    return ServiceStatus(
        state=state,
        pid=info["pid"] or None,
        status=status,
        restarts=max(0, record.count - 1 + again) if record else 0,
        since=datetime.fromtimestamp(since, UTC).isoformat() if since else "",
    )
