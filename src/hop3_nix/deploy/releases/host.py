"""One host as a deployment sees it: a directory, a service manager and a reverse proxy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hop3_nix.deploy.proxy.choice import choose_proxy
from hop3_nix.deploy.releases.layout import ANOTHER_ROOT, Layout, default_root
from hop3_nix.deploy.services.choice import choose_services
from hop3_nix.errors import ArtifactCorruptError, InputError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.state import writing_to
from hop3_nix.host.statefile import read_state_file

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.deploy.proxy.base import Proxy
    from hop3_nix.deploy.services.base import Services


@dataclass(frozen=True)
class Host:
    """What a deployment works with."""

    layout: Layout
    services: Services
    proxy: Proxy

    def remember(self) -> None:
        """Write down which service manager has the apps, once; see `open_host`."""
        if not self.layout.host.exists():
            with writing_to(self.layout.root, tip=ANOTHER_ROOT):
                write_text_atomic(
                    self.layout.host, json.dumps({"manager": self.services.name}) + "\n", mode=0o600
                )


def open_host(root: Path | None = None, manager: str | None = None) -> Host:
    """Return this host, with the apps below ``root``; nothing is started or written.

    The service manager is the one that already has the apps there, else ``manager``, else systemd
    where it runs and supervisord elsewhere. Raises InputError if ``manager`` is not the one that
    has them, or has those of another root, and UnavailableError if it cannot be had.
    """
    layout = Layout((root or default_root()).absolute())
    recorded = _recorded(layout.host)
    if recorded and manager and manager != recorded:
        raise InputError(
            f"the apps in {layout.root} are run by {recorded}, not by {manager}",
            tip=f"Leave out --manager, or give a root of its own: --root DIR --manager {manager}",
        )
    services = choose_services(layout, recorded or manager)
    if other := services.other_root():
        raise InputError(
            f"the apps that {services.name} runs are those in {other}, and it cannot have those "
            f"in {layout.root} as well",
            tip=f"Deploy into that root (--root {other}), or destroy its apps first, or have those "
            "in this root run by a supervisord of its own: --manager supervisord",
        )
    return Host(layout, services, choose_proxy(layout, services))


def _recorded(file: Path) -> str:
    try:
        return str(json.loads(read_state_file(file))["manager"])
    except FileNotFoundError:
        return ""
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactCorruptError(
            "not what hop3-nix wrote",
            file=str(file),
            tip='Write it again: {"manager": "systemd"} or {"manager": "supervisord"}',
        ) from error
