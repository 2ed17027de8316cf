"""Which service manager a host has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.services.systemd import Systemd, is_available
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from hop3_nix.deploy.releases.layout import Layout
    from hop3_nix.deploy.services.base import Services

MANAGERS: Final = ("systemd", "supervisord")


def choose_services(layout: Layout, manager: str | None = None) -> Services:
    """Return service manager ``manager``, else systemd where it runs, else supervisord.

    Raises InputError for one that is not known.
    """
    match manager or ("systemd" if is_available() else "supervisord"):
        case "systemd":
            return Systemd(layout)
        case "supervisord":
            from hop3_nix.deploy.services.supervisord import (  # noqa: PLC0415 - 30 ms to import
                Supervisord,
            )

            return Supervisord(layout)
        case other:
            raise InputError(
                f"there is no service manager {other!r}", tip=f"One of: {', '.join(MANAGERS)}"
            )
