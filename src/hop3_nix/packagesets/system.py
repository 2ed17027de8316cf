"""The system that this machine is, by Nix's name for it."""

from __future__ import annotations

import platform
from typing import Final, Literal

from hop3_nix.errors import UnavailableError

System = Literal["x86_64-linux", "aarch64-linux"]

_SYSTEMS: Final[dict[tuple[str, str], System]] = {
    ("Linux", "x86_64"): "x86_64-linux",
    ("Linux", "aarch64"): "aarch64-linux",
}


def current_system() -> System:
    """Return this machine's system. Raises UnavailableError if no package set is made for it."""
    here = (platform.system(), platform.machine())
    if here not in _SYSTEMS:
        raise UnavailableError(
            f"there is no package set for {' '.join(here)}",
            tip="Build without Nix: --builder local",
        )
    return _SYSTEMS[here]
