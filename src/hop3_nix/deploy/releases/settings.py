"""How an app is to run here: what a user chose, which every later release takes over."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from hop3_nix.deploy.proxy.limits import checked as check_proxy_limits
from hop3_nix.deploy.services.limits import check_limits
from hop3_nix.errors import InputError
from hop3_nix.text.urlpath import how_to_write, is_url_path

if TYPE_CHECKING:
    from hop3_nix.deploy.releases.options import DeployOptions

LISTEN: Final = re.compile(r"(?:(?:\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?([0-9]{1,5})")
HOST: Final = re.compile(r"(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
"""A host name, of which the first label may be any (RFC 1123, 2.1)."""

PORTS: Final = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
ANY_PORT: Final = "any"
MOST_PORTS: Final = 1000
"""More of them would be felt at each start."""

STATUS: Final = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")
LAST_PORT: Final = 65535

ADDED_TO: Final = frozenset({"scale", "limits", "proxy_limits"})
"""What is chosen key by key."""

HTTPS_PORT, HTTPS_PORT_OF_USER = "443", "8443"
HTTP_PORT: Final = "80"
HTTP_PORT_OF_USER: Final = "8080"
"""Where an app with host names is served, by root and by those who may not have port 80."""


class Settings(BaseModel):
    """The choices; a time is in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    proxy: bool = True
    ports: tuple[str, ...] = ()
    """What its processes may listen on beside what they are given: ``N``, ``N-M``, or ``any``."""
    user: str = ""
    scale: dict[str, int] = {}
    keep: int = 3
    health_path: str | None = None
    """None for what the artifact says."""
    health_status: tuple[int, int] = (200, 399)
    health_timeout: float | None = None
    """None for what the artifact says."""
    stays_up: float = 2.0
    before_run_timeout: float = 600.0
    stop_timeout: float = 30.0
    drain: float = 30.0
    warm: float = 10.0
    job_timeout: float = 300.0
    limits: dict[str, str] = {}
    proxy_limits: dict[str, str] = {}
    tls_cert: str = ""
    tls_key: str = ""

    def changed(self, options: DeployOptions) -> Settings:
        """Return them with what ``options`` name instead. Raises InputError."""
        update = {
            name: value
            for name in type(self).model_fields
            if (value := getattr(options, name)) is not None and name not in ADDED_TO
        }
        update["scale"] = self.scale | dict(options.scale)
        for kind in ("limits", "proxy_limits"):
            chosen = getattr(self, kind) | dict(getattr(options, kind))
            update[kind] = {name: value for name, value in chosen.items() if value}
        settings = self.model_copy(update=update)
        settings.check()
        return settings

    def check(self) -> None:
        """Raise InputError for what cannot be meant."""
        for listen in self.listen:
            port = LISTEN.fullmatch(listen)
            if not port or not 1 <= int(port[1]) <= LAST_PORT:
                raise InputError(
                    f"--listen {listen}: not [ADDRESS:]PORT", tip="Example: --listen 127.0.0.1:8000"
                )
        for name in self.names:
            if not HOST.fullmatch(name):
                raise InputError(
                    f"--domain {name}: not a host name", tip="Example: --domain shop.example.org"
                )
        self.may_listen_on(None)
        check_limits(self.limits)
        check_proxy_limits(self.proxy_limits)
        if bool(self.tls_cert) != bool(self.tls_key):
            raise InputError(
                "a certificate needs a key, and a key a certificate",
                tip="--tls-cert FILE --tls-key FILE; '' for both leaves TLS out.",
            )
        if self.tls_cert and not self.proxy:
            raise InputError(
                "it is the proxy that speaks TLS, and --no-proxy leaves it out",
                tip="Leave out --no-proxy, or --tls-cert and --tls-key.",
            )
        if self.health_path and not is_url_path(self.health_path):
            raise InputError(
                f"--health-path {self.health_path}: not a URL path",
                tip=f"Write it like this: --health-path {how_to_write(self.health_path)}",
            )
        if self.keep < 1:
            raise InputError(
                f"--keep {self.keep}: the one that runs is always kept", tip="--keep 1"
            )

    def may_listen_on(self, given: int | None) -> tuple[int, ...] | None:
        """Return the ports for a process that is ``given`` one, None for any. Raises InputError."""
        if ANY_PORT in self.ports:
            return None
        found = set() if given is None else {given}
        for text in self.ports:
            found.update(_ports(text))
        if len(found) > MOST_PORTS:
            raise InputError(
                f"--ports: {len(found)} ports, and {MOST_PORTS} are the most",
                tip=f"Let it listen on any: --ports {ANY_PORT}",
            )
        return tuple(sorted(found))

    def web_port(self) -> int:
        """Return the port of the first address that clients use."""
        match = LISTEN.fullmatch(self.listen[0])
        assert match is not None  # noqa: S101 - checked when it was set
        return int(match[1])


def _ports(text: str) -> range:
    match = PORTS.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= LAST_PORT:
        raise InputError(
            f"--ports {text}: not PORT, PORT-PORT or {ANY_PORT}", tip="Example: --ports 9000-9010"
        )
    return range(first, last + 1)


def default_listen(*, tls: bool) -> str:
    """Return where an app with host names is served, unless somebody says otherwise."""
    if tls:
        return HTTPS_PORT if os.geteuid() == 0 else HTTPS_PORT_OF_USER
    return HTTP_PORT if os.geteuid() == 0 else HTTP_PORT_OF_USER


def parse_status(text: str) -> tuple[int, int]:
    """Return the first and last status in ``200`` or ``200-299``. Raises InputError."""
    match = STATUS.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if first > last:
        raise InputError(f"--health-status {text}: not a status", tip="Examples: 204, 200-299")
    return first, last
