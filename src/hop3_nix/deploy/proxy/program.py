"""The nginx of this machine, and the service that it is run as."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path
from typing import Final

from hop3_nix.deploy.services.base import Service
from hop3_nix.errors import UnavailableError

NAME: Final = "hop3-proxy"
"""The name of its service, and the app that it belongs to."""

ELSEWHERE: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where servers stand that a user's PATH does not lead to."""

DESCRIPTORS: Final = 8192
"""For 4000 connections, each with one to an instance."""


def find_nginx() -> str:
    """Return the path of this machine's nginx. Raises UnavailableError if there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *ELSEWHERE])
    found = shutil.which("nginx", path=path)
    if found is None:
        raise UnavailableError(
            "there is no nginx on this machine to stand in front of the app",
            tip="Install it (on Debian: apt-get install nginx-light), or deploy with --no-proxy.",
        )
    return str(Path(found).absolute())


def service_of(program: str, conf: Path, state: Path) -> Service:
    """Return the service that runs ``program`` by ``conf``; it writes to ``state`` alone."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    descriptors = DESCRIPTORS if limit == resource.RLIM_INFINITY else min(DESCRIPTORS, limit)
    return Service(
        app=NAME,
        name=NAME,
        description="the proxy in front of all apps",
        argv=(program, "-e", "stderr", "-p", f"{state}/", "-c", str(conf)),
        env={"PATH": os.defpath},
        directory="/",
        state=state,
        reads=(conf.parent,),
        bind_low_ports=True,
        always=True,
        limits={"LimitNOFILE": str(descriptors)},
    )
