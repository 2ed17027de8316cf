"""A service as systemd's unit: systemd.unit(5), systemd.service(5), systemd.exec(5)."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix.deploy.services import unitfile
from hop3_nix.deploy.services.limits import check_limits
from hop3_nix.errors import InputError
from hop3_nix.files.resources import NIX
from hop3_nix.workers.cron import CronError, read_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hop3_nix.deploy.services.base import Service

Scope = Literal["system", "user"]
Settings = list[tuple[str, str]]

STATE_ROOT: Final = Path("/var/lib")
"""What StateDirectory= is relative to."""

HOMES: Final = tuple(map(Path, ("/home", "/root", "/run/user")))
"""What ProtectHome= hides."""

LONGEST_USER: Final = 31
"""Characters of a user's name: systemd.io, "User/Group Name Syntax"."""

LANDLOCK: Final = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
"""What keeps a program to its ports needs; systemd 252 does not count it to @system-service."""

LOW_PORTS: Final = 1024
BIND_LOW_PORTS: Final = "CAP_NET_BIND_SERVICE"

RESTART_AFTER: Final = ("RestartSec", "1s")
GIVEN_UP: Final = (("StartLimitIntervalSec", "120s"), ("StartLimitBurst", "10"))
"""Starts in this time after which what fails each time is left alone."""

HEAD: Final = "# hop3-nix writes this file and replaces it. To change something: docs/systemd.md\n"


@dataclass(frozen=True)
class Unit:
    """One unit file."""

    name: str
    text: str


def units_of(service: Service, scope: Scope) -> tuple[Unit, ...]:
    """Return the units that run ``service``: its own, and a timer if it has a schedule.

    Raises InputError for what systemd cannot be told.
    """
    about = HEAD + _section("Unit", _about(service, scope))
    process = [*_process(service, scope), *settings_of(service, scope)]
    own = Unit(f"{unitfile.unit_name(service.name)}.service", about + _section("Service", process))
    if not service.schedule:
        return (own,)
    times = [("OnCalendar", calendar) for calendar in _calendars(service.schedule)]
    timer = [*times, ("AccuracySec", "1s")]
    return (own, Unit(f"{service.name}.timer", about + _section("Timer", timer)))


def _calendars(schedule: str) -> tuple[str, ...]:
    try:
        return read_schedule(schedule).calendars
    except CronError as error:
        raise InputError(
            f"the schedule {schedule!r} is wrong: {error.what}", tip=error.tip
        ) from error


def target_of(app: str, units: Iterable[str]) -> Unit:
    """Return the target that wants exactly ``units``: what of ``app`` a boot starts."""
    about = [("Description", f"{app}, the current release"), *(("Wants", unit) for unit in units)]
    return Unit(target_name(app), HEAD + _section("Unit", about))


def target_name(app: str) -> str:
    """Return the name of what a boot starts of ``app``."""
    return f"hop3-{app}.target"


def slice_name(app: str) -> str:
    """Return the slice of ``app``; a dash in its name does not put it below another app's."""
    escaped = app.replace("-", r"\x2d")
    return f"hop3-{escaped}.slice"


def state_name(app: str) -> str:
    """Return the StateDirectory= of ``app``."""
    return f"hop3/state/{app}"


def user_name(app: str) -> str:
    """Return the user that all processes of ``app`` share, of which the host needs to know none."""
    name = f"hop3-{app}"
    if len(name) <= LONGEST_USER:
        return name
    digest = hashlib.sha256(app.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_USER - 9]}-{digest}"


def settings_of(service: Service, scope: Scope) -> Settings:
    """Return what a process of ``service`` may do, as settings whose values need no quoting.

    Raises InputError for a limit that there is not.
    """
    check_limits(service.limits)
    settings: Settings = [
        ("Slice", slice_name(service.app)),
        ("SyslogIdentifier", service.name),
        ("KillMode", "control-group" if _shell_stays(service.argv) else "mixed"),
        ("TimeoutStopSec", seconds(service.stop_timeout)),
        *sorted(service.limits.items()),
    ]
    if scope == "user":
        return [*settings, *_hardening("everywhere").items()]
    hardening = _hardening("everywhere") | _hardening("system")
    if any(path.is_relative_to(home) for path in service.reads for home in HOMES):
        # Empty instead of closed, so that something can be shown in them.
        hardening["ProtectHome"] = "tmpfs"
        # Up to systemd 256, that alone leaves them writable.
        hardening["TemporaryFileSystem"] = " ".join(f"{home}:ro" for home in HOMES)
    if service.wrapper:
        hardening["SystemCallFilter"] += f" {LANDLOCK}"
    if service.bind_low_ports or (service.port or LOW_PORTS) < LOW_PORTS:
        hardening["CapabilityBoundingSet"] = BIND_LOW_PORTS
        hardening["AmbientCapabilities"] = BIND_LOW_PORTS
    if service.user:
        settings.append(("User", service.user))
    else:
        settings += [("DynamicUser", "yes"), ("User", user_name(service.app))]
    if service.state == STATE_ROOT / state_name(service.app):
        settings += [("StateDirectory", state_name(service.app)), ("StateDirectoryMode", "0700")]
    return [*settings, *hardening.items()]


def shown_of(service: Service, scope: Scope) -> Settings:
    """Return the settings that let ``service`` see, and write to, what is hidden from it.

    Their values are quoted, but as D-Bus takes them. Raises InputError.
    """
    if scope == "user":
        return []
    shown = [("BindReadOnlyPaths", path) for path in service.reads]
    if service.state != STATE_ROOT / state_name(service.app):
        shown.append(("BindPaths", service.state))
    bound = [(name, unitfile.bind(str(path))) for name, path in shown]
    for pair in service.binds:
        kept, place = (unitfile.bind(str(path)) for path in pair)
        bound.append(("BindPaths", f"{kept}:{place}"))
    hidden = [("InaccessiblePaths", f"-{unitfile.bind(str(path))}") for path in service.hides]
    return [*bound, *hidden]


def _shell_stays(argv: Sequence[str]) -> bool:
    """Return whether the first process is a shell for as long as the service runs.

    It ends at once when it is told to, and what it has started would be killed with it.
    """
    by_shell = len(argv) == len(("sh", "-c", "LINE")) and argv[1] == "-c"
    if not by_shell or Path(argv[0]).name not in {"sh", "bash"}:
        return False
    return re.search(r"\bexec\b", argv[2]) is None


def seconds(span: float) -> str:
    """Return ``span``, in seconds, as a time span of systemd.time(7)."""
    return f"{span:.3f}".rstrip("0").rstrip(".") + "s"


def _about(service: Service, scope: Scope) -> Settings:
    about = [("Description", unitfile.line(service.description).replace("%", "%%"))]
    if scope == "system":
        about.append(("After", "network.target"))
    return about if service.schedule else [*about, *GIVEN_UP]


def _process(service: Service, scope: Scope) -> Settings:
    program, *arguments = *service.wrapper, *service.argv
    command = [unitfile.program(program), *map(unitfile.argument, arguments)]
    process = [
        ("Type", "exec"),
        ("ExecStart", " ".join(command)),
        ("WorkingDirectory", unitfile.path(service.directory)),
        *(("Environment", unitfile.assignment(*item)) for item in sorted(service.env.items())),
    ]
    if service.secrets:
        process.append(("EnvironmentFile", unitfile.path(str(service.secrets))))
    process += [(name, value.replace("%", "%%")) for name, value in shown_of(service, scope)]
    if service.schedule:
        return process
    return [*process, ("Restart", "always" if service.always else "on-failure"), RESTART_AFTER]


@cache
def _hardening(part: str) -> dict[str, str]:
    """Return what nix/hardening.json has for every manager, or for that of the system alone."""
    settings = json.loads((NIX / "hardening.json").read_bytes())[part]
    return {
        name: " ".join(value) if isinstance(value, list) else {True: "yes"}.get(value, value)
        for name, value in settings.items()
    }


def _section(name: str, settings: Iterable[tuple[str, str]]) -> str:
    return "".join([f"[{name}]\n", *(f"{key}={value}\n" for key, value in settings), "\n"])
