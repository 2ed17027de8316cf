"""A service that is run once, to its end, by systemd-run(1)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hop3_nix.deploy.services import unitfile
from hop3_nix.deploy.services.systemctl import environment
from hop3_nix.deploy.services.units import seconds, settings_of, shown_of
from hop3_nix.errors import ServiceError, ServiceTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hop3_nix.deploy.services.base import Service
    from hop3_nix.deploy.services.systemctl import Systemctl
    from hop3_nix.deploy.services.units import Scope
    from hop3_nix.host.process import Streamer


def command(service: Service, scope: Scope, timeout: float) -> list[str]:
    """Return the command that runs ``service`` in the confines of its unit, on our output.

    Raises InputError for what systemd cannot be told.
    """
    program, *arguments = *service.wrapper, *service.argv
    unitfile.program(program)
    for argument in arguments:
        unitfile.argument(argument)
    for name, value in service.env.items():
        unitfile.check_variable(name, value)
    settings = [*settings_of(service, scope), ("RuntimeMaxSec", seconds(timeout))]
    settings += shown_of(service, scope)
    if service.secrets:
        settings.append(("EnvironmentFile", str(service.secrets)))
    return [
        *("systemd-run", *(["--user"] if scope == "user" else [])),
        *("--quiet", "--pipe", "--wait", "--service-type=exec"),
        f"--unit={unitfile.unit_name(service.name)}",
        f"--description={unitfile.line(service.description)}",
        f"--working-directory={service.directory}",
        *(f"--setenv={name}={value}" for name, value in sorted(service.env.items())),
        *(f"--property={name}={value}" for name, value in settings),
        *("--", program, *(argument.replace("$", "$$") for argument in arguments)),
    ]


def run(
    service: Service,
    argv: Sequence[str],
    systemctl: Systemctl,
    stream: Streamer,
    *,
    timeout: float,
    line: Callable[[str], None],
) -> int:
    """Run ``argv``, which `command` made, and return the status of ``service``.

    It is negative for a signal. Raises ServiceTimeoutError, and ServiceError if it could not be
    started.
    """
    said: list[str] = []
    one_at_a_time = threading.Lock()

    def handle(text: str) -> None:
        with one_at_a_time:
            said.append(text)
            line(text)

    done = stream(argv, env=environment(), on_stdout_line=handle, on_stderr_line=handle)
    if done.status == 0:
        return 0
    (shown,) = systemctl.show([f"{service.name}.service"])
    if shown["Result"] == "timeout":
        raise ServiceTimeoutError(
            f"{service.description} did not end within {timeout:g} s, and was ended",
            tip="See what it printed above; give it more time if it needs it.",
        )
    status = shown.status
    if status is None or not shown.started:
        reason = said[-1] if said else f"systemd says {shown['Result']}, {status or done.status}"
        raise ServiceError(
            f"{service.description} could not be started: {reason}",
            tip=f"See: journalctl -e -u {service.name}",
        )
    return status
