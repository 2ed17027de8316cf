"""What the figures depend on beside the software."""

from __future__ import annotations

import os
import platform
import re
from typing import TYPE_CHECKING

from benchmarks.running import Command

if TYPE_CHECKING:
    from benchmarks.world import World


def facts(world: World, load: float) -> dict[str, str | int | float]:
    """Return what is to be known of the machine, where ``load`` were active before we began."""
    version = Command(("nix-build", "--version"), world.env).output()
    return {
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "cores": len(os.sched_getaffinity(0)),
        "load": round(load, 1),
        "python": platform.python_version(),
        "nix": re.sub(r".* ", "", version.splitlines()[0]),
        "package_set": world.package_set.name,
    }


def caption(known: dict[str, str | int | float]) -> str:
    """Return the facts as a sentence."""
    return (
        "Medians; the quartiles are those of the rounds. Measured on {cores} cores with a load of "
        "{load} beforehand, {system}, Nix {nix} with the package set {package_set}, "
        "hop3-nix on Python {python}."
    ).format(**known)
