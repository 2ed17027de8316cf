"""An app on a host while one command changes it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hop3_nix.deploy.releases.layout import ANOTHER_ROOT
from hop3_nix.deploy.releases.processes import Processes
from hop3_nix.host.state import lock, writing_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.deploy.proxy.base import Proxy
    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.layout import AppPlace
    from hop3_nix.deploy.releases.record import Release
    from hop3_nix.deploy.services.base import Services


@dataclass(frozen=True)
class Stage:
    """One app, what it runs on, and who wants to know what is being done."""

    host: Host
    place: AppPlace
    say: Callable[[str], None]

    @property
    def app(self) -> str:
        """Return the app's name."""
        return self.place.name

    @property
    def services(self) -> Services:
        """Return the service manager."""
        return self.host.services

    @property
    def proxy(self) -> Proxy:
        """Return the reverse proxy."""
        return self.host.proxy

    def processes(self, release: Release) -> Processes:
        """Return the services of ``release``."""
        return Processes(self.place, release, self.services.state_directory(self.app))


@contextmanager
def locked(host: Host, name: str, say: Callable[[str], None]) -> Iterator[Stage]:
    """Hold the lock of app ``name``, so that nobody else changes it.

    Raises UnavailableError if the root cannot be written, TemporaryError if the disk is full.
    """
    place = host.layout.app(name)

    with writing_to(host.layout.root, tip=ANOTHER_ROOT):
        host.layout.make()
    with lock(place.lock, f"another command that is changing {name}", say=say):
        yield Stage(host, place, say)
