"""How a host without Nix builds the same, with its own PHP, php-fpm and nginx."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnavailableError
from hop3_nix.files.resources import NIX
from hop3_nix.plan import LocalRecipe, PathRef, Step
from hop3_nix.toolchains.php.serving import HEROKU
from hop3_nix.toolchains.static.server import SYSTEM_DIRECTORIES

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App

FILES: Final = NIX / "lib/languages/php/server"
TYPES: Final = NIX / "lib/languages/static/server/mime.types"


def local_recipes(_app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, none if composer has something to install.

    Raises UnavailableError if this machine has no php-fpm of its PHP, or no nginx.
    """
    if plan.options.app.get("install"):
        return ()
    text = (FILES / "serve-php.sh").read_text(encoding="utf-8")
    release = Path(plan.interpreter).name.removeprefix("php")
    values = {
        "fpm": _find(f"php-fpm{release}", f"php{release}-fpm"),
        "nginx": _find("nginx", "nginx"),
        "php": plan.interpreter,
        "wrapper": "",
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    share = {file.name: file.read_text(encoding="utf-8") for file in FILES.glob("*.conf")}
    share[TYPES.name] = TYPES.read_text(encoding="utf-8")
    return (
        LocalRecipe(
            requires=(),
            files={"serve-php": f"#!/usr/bin/env bash\n{text}", **share},
            steps=(
                _install("755", "serve-php", "bin/serve-php"),
                *(_install("644", name, f"share/serve-php/{name}") for name in sorted(share)),
                *(_link("serve-php", name) for name in HEROKU),
                _link(plan.interpreter, "php"),
            ),
        ),
    )


def _find(program: str, package: str) -> str:
    path = shutil.which(program) or shutil.which(program, path=":".join(SYSTEM_DIRECTORIES))
    if path is None:
        raise UnavailableError(
            f"this machine has no {program}, which answers for PHP",
            tip=f"Install it (Debian: apt install {package}), or build with Nix: --builder nix",
        )
    return path


def _install(mode: str, file: str, path: str) -> Step:
    return Step(argv=("install", "-D", "-m", mode, file, PathRef(layer="deps", path=path)))


def _link(to: str, name: str) -> Step:
    return Step(argv=("ln", "-sfn", to, PathRef(layer="deps", path=f"bin/{name}")))
