"""Whose sockets take connections where a service should, and where else it takes them."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy import users
from hop3_nix.deploy.sockets import (
    listeners,
    name_of,
    processes_with,
    sockets_of,
    users_of,
)

REFUSED: Final = re.compile(
    r"(?:EACCES|Can't connect to|bind on address)[^\n]*[:,] ?([0-9]{2,5})\b"
    r"|:([0-9]{2,5})\b[^\n]{0,20}ermission denied"
)
"""How servers say that they may not listen on a port."""

NAMED: Final = re.compile(r"(?:\w:|--port[= ]|-p ?|-b ?:)([0-9]{2,5})\b")
"""How a command line names one."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hop3_nix.deploy.questions import Check
    from hop3_nix.deploy.services.base import Services
    from hop3_nix.deploy.sockets import Listener


def not_its_own(services: Services, check: Check) -> str:
    """Return what is wrong if other processes than the service's answer on its port.

    Of processes that this user may not look into (root in a container, without CAP_SYS_PTRACE),
    their users tell them apart: no two apps of root share one.
    """
    there, processes = _there(check), services.processes(check.name)
    own, complete = sockets_of(processes)
    others = [one for one in there if one.inode not in own]
    users = users_of(processes)
    if others and (complete or not all(one.user in users for one in others)):
        return (
            f"does not listen on {others[0]}: a process that is not its own does{_shown(others[0])}"
        )
    return ""


def _shown(listener: Listener) -> str:
    """Return which process has it, and whose that is, as far as this user may know."""
    owner = processes_with(listener.inode)
    app = f", of the app {app}" if (app := users.app_of(listener.user)) else ""
    if not owner:
        return f" (of user {listener.user}{app})"
    return f" (process {owner[0]}, {name_of(owner[0])}, of user {listener.user}{app})"


def not_only_here(check: Check) -> str:
    """Return a warning if others than the proxy can call the service."""
    wide = [one for one in _there(check) if one.everywhere]
    if not wide or not check.behind_proxy:
        return ""
    return (
        f"warning: {check.label} listens on every address ({wide[0]}), where it is reached past "
        "the proxy: have it listen on $BIND_ADDRESS, which is 127.0.0.1"
    )


def where_instead(services: Services, check: Check) -> str:
    """Return where the service listens, if that is not where it is asked."""
    if check.port is None or _there(check):
        return ""
    own, _ = sockets_of(services.processes(check.name))
    mine = [one for one in listeners() if one.inode in own]
    if not mine:
        return ""
    places = ", ".join(sorted({str(one) for one in mine}))
    if any(one.port == check.port for one in mine):
        return f"; it listens on {places}, and is asked on {check.address}"
    return f"; it listens on {places} instead: the port to take is in $PORT"


def another_port(check: Check, said: Sequence[str]) -> str:
    """Return which port the service has wanted instead of its own, as far as anything tells it.

    ``said`` is the end of its log.
    """
    tried = (match for line in said for match in REFUSED.finditer(line))
    if port := _other(tried, check.port):
        return (
            f"; it has tried port {port}, on which it may not listen: the port to take is in "
            f"$PORT, and --ports {port} allows that one as well"
        )
    if check.port and (port := _other(NAMED.finditer(check.command), check.port)):
        return f"; its command line names port {port}: the port to take is in $PORT"
    return ""


def _other(matches: Iterable[re.Match[str]], own: int | None) -> str:
    ports = (port for match in matches for port in match.groups() if port)
    return next((port for port in ports if port != str(own)), "")


def _there(check: Check) -> list[Listener]:
    """Return the sockets that a connection to where ``check`` asks may get to."""
    asked = ipaddress.ip_address(check.address)
    return [
        one
        for one in listeners()
        if one.port == check.port and (one.everywhere or ipaddress.ip_address(one.address) == asked)
    ]
