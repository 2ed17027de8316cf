"""nginx in front of a site: what a plan needs so that its ``web`` worker serves a directory.

planning.py adds it to the plan of any language, and the local builder to any recipe.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ToolError, UnavailableError
from hop3_nix.files.resources import NIX
from hop3_nix.plan import HostOffer, LocalRecipe, PackageRef, PathRef, Step

if TYPE_CHECKING:
    from hop3_nix.plan import Site, Target
    from hop3_nix.toolchains.base import Tools

LANGUAGE: Final = "nginx"
"""What the offers of a host call it."""

PROGRAM: Final = "serve-static"

PACKAGE: Final = PackageRef(package="hop3.static.server")
"""The server as nix/lib/languages/static makes it."""

FILES: Final = NIX / "lib/languages/static/server"

SYSTEM_DIRECTORIES: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where Debian has servers, and a user's PATH does not lead."""

OLDEST: Final = (1, 19, 5)
"""The first nginx that can be told where to write errors before it has read its configuration."""

_BIN: Final = PathRef(layer="app", path="bin")
_VERSION: Final = re.compile(r"nginx/((\d+)\.(\d+)\.(\d+))")


def find_nginx(tools: Tools) -> tuple[HostOffer, ...]:
    """Return the nginx of this machine, if it has one that is new enough."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_DIRECTORIES])
    program = shutil.which("nginx", path=path)
    if program is None:
        return ()
    try:
        # It tells its version on standard error.
        said = tools.run(["bash", "-c", '"$0" -v 2>&1', os.path.realpath(program)])
    except ToolError:
        return ()
    found = _VERSION.search(said)
    if found is None or tuple(map(int, found.groups()[1:])) < OLDEST:
        return ()
    real = os.path.realpath(program)
    return (HostOffer(language=LANGUAGE, version=found[1], program=real, libc=""),)


def nginx_of_host(target: Target) -> str:
    """Return the nginx of this machine, which ``target`` describes. Raises UnavailableError."""
    for offer in target.offers_for(LANGUAGE):
        return offer.named
    raise no_nginx()


def no_nginx() -> UnavailableError:
    """Return the error for a machine without it."""
    return UnavailableError(
        f"this machine has no nginx {'.'.join(map(str, OLDEST))} or newer, which serves the files",
        tip="Install it (Debian: apt install nginx), or build with Nix: --builder nix",
    )


def serve_command(site: Site) -> str:
    """Return the command line of the worker that serves ``site``."""
    options = [
        *(["--fallback", site.fallback] if site.fallback else []),
        *(part for prefix in site.immutable for part in ("--immutable", prefix)),
        *(["--listing"] if site.listing else []),
        *(["--"] if site.directory.startswith("-") else []),
    ]
    return shlex.join([PROGRAM, *options, site.directory])


def server_path(target: Target) -> PathRef | PackageRef:
    """Return the directory with the server. Raises UnavailableError if a host has none."""
    if not target.on_host:
        return PACKAGE
    nginx_of_host(target)
    return _BIN


def check_made(site: Site) -> str:
    """Return the build step that fails unless those before it have made ``site``."""
    quoted = shlex.quote(site.directory)
    message = shlex.quote(
        f"the build steps did not make the site {site.directory}; name the directory that they "
        "make: [build] static-dir in hop3.toml"
    )
    return f"[ -d {quoted} ] || {{ echo {message} >&2; exit 1; }}"


def with_server(recipe: LocalRecipe, target: Target) -> LocalRecipe:
    """Return ``recipe`` with the server put up beside the application."""
    nginx = nginx_of_host(target)
    texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(FILES.iterdir())}
    values = {
        "modules": "/usr/lib/nginx/modules",
        "nginx": nginx,
        "store": "",
        "wrapper": "",
    }
    script = "#!/usr/bin/env bash\n" + texts.pop(f"{PROGRAM}.sh")
    for name, value in values.items():
        script = script.replace(f"@{name}@", value)
    files = {f"{PROGRAM}.{name}": text for name, text in texts.items()}
    steps = [_install("755", PROGRAM, f"{_BIN.path}/{PROGRAM}")]
    steps += [_install("644", f"{PROGRAM}.{name}", f"share/{PROGRAM}/{name}") for name in texts]
    return recipe.model_copy(
        update={
            "files": {**recipe.files, PROGRAM: script, **files},
            "steps": (*recipe.steps, *steps),
        }
    )


def _install(mode: str, file: str, path: str) -> Step:
    return Step(argv=("install", "-D", "-m", mode, file, PathRef(layer="app", path=path)))
