"""Which reverse proxy a host has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.deploy.proxy.nginx import Nginx

if TYPE_CHECKING:
    from hop3_nix.deploy.proxy.base import Proxy
    from hop3_nix.deploy.releases.layout import Layout
    from hop3_nix.deploy.services.base import Services


def choose_proxy(layout: Layout, services: Services) -> Proxy:
    """Return the reverse proxy of ``layout``, which runs under ``services``; it is nginx."""
    return Nginx(layout, services)
