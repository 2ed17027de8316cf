"""What a site is apart from what a release changes: its addresses, its names, its paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from hop3_nix.deploy.proxy import serving
from hop3_nix.errors import InputError, ProxyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hop3_nix.deploy.proxy.base import Site

HOST: Final = re.compile(r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})|\[[0-9a-fA-F:.]+\]")
"""A host name, perhaps with a wildcard for its first part."""

LISTEN: Final = re.compile(r"(?:(?P<address>\d+(?:\.\d+){3}|\[[0-9a-fA-F:.]+\]):)?(?P<port>\d+)")

HIGHEST_PORT: Final = 65535

PLAIN_PORT: Final = "80"
"""Where clients begin that do not know of TLS."""


@dataclass(frozen=True)
class Shape:
    """A site without what a release changes."""

    app: str
    listen: tuple[str, ...]
    names: tuple[str, ...]
    protocol: Literal["http", "fastcgi"]
    static: tuple[tuple[str, str], ...]
    """URL prefixes, and what each stands for: ``store``, ``files`` or ``file``."""
    root: str
    """The same for the site's own directory, "" if it has none."""
    answers: bool
    """Whether there are instances that answer."""
    tls: str = ""
    """The name of its certificate (certificates.py), if it has one."""
    limits: tuple[tuple[str, str], ...] = ()
    """Those that were chosen."""

    def is_secure(self, listen: str) -> bool:
        """Return whether it speaks TLS on this address of its own."""
        return bool(self.tls) and _port(listen) != PLAIN_PORT

    @classmethod
    def of(cls, site: Site, tls: str = "") -> Shape:
        """Return the shape of ``site``, whose certificate is called ``tls``.

        Raises ProxyError for what no web server can serve.
        """
        for listen in site.listen:
            match = LISTEN.fullmatch(listen)
            if match is None or not 0 < int(match["port"]) <= HIGHEST_PORT:
                raise ProxyError(
                    f"{site.app} cannot listen on {listen!r}",
                    tip="Give PORT, ADDRESS:PORT or [IPV6]:PORT.",
                )
        for name in site.names:
            if not HOST.fullmatch(name):
                raise ProxyError(
                    f"{site.app} cannot be served for {name!r}, which is not a host name",
                    tip="Example: --domain www.example.com, or *.example.com",
                )
        if len(site.ports) > serving.SLOTS:
            raise ProxyError(
                f"{site.app} has {len(site.ports)} instances, "
                f"and the proxy knows {serving.SLOTS} at most",
                tip=f"hop3-nix scale {site.app} web={serving.SLOTS}",
            )
        if site.certificate and all(_port(listen) == PLAIN_PORT for listen in site.listen):
            raise InputError(
                f"{site.app} has a certificate, and port {PLAIN_PORT} alone, which is for HTTP",
                tip="Add another one: --listen 443 --listen 80",
            )
        static = {serving.normal_prefix(prefix, path): path for prefix, path in site.static.items()}
        return cls(
            app=site.app,
            listen=tuple(sorted(set(site.listen))),
            names=tuple(sorted({name.lower() for name in site.names})),
            protocol=site.protocol,
            static=tuple(sorted((prefix, _kind(path)) for prefix, path in static.items())),
            root=_kind(site.root) if site.root else "",
            answers=bool(site.ports or site.spare),
            tls=tls,
            limits=tuple(sorted(site.limits.items())),
        )

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Shape:
        """Return the shape that ``dataclasses.asdict`` and JSON have made ``data`` of."""
        lists = {name: tuple(data[name]) for name in ("listen", "names")}
        pairs = {
            name: tuple((key, value) for key, value in data.get(name, ()))
            for name in ("static", "limits")
        }
        return cls(**{**data, **lists, **pairs})


def _port(listen: str) -> str:
    return listen.rpartition(":")[2]


def _kind(path: Path) -> str:
    real = path.resolve()
    if real.is_file():
        return "file"
    return "store" if serving.VERSIONED.match(f"{real}/") else "files"
