"""Which of the programs answers HTTP, and what it is told."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.rust.workspace import read_workspace
from hop3_nix.toolchains.language import Framework, Guess
from hop3_nix.toolchains.platform import HOST, PORT
from hop3_nix.toolchains.rust.building import USUAL, Call, calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.locks.rust.manifest import Manifest
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers

FRAMEWORKS: Final = (
    # Rocket listens on an address and a port of its own, unless it is told others.
    Framework("rocket", "Rocket", f"ROCKET_ADDRESS={HOST} ROCKET_PORT={PORT} {{program}}"),
    *(
        Framework(package, title, "{program}")
        for package, title in (
            ("axum", "Axum"),
            ("actix-web", "Actix Web"),
            ("warp", "warp"),
            ("poem", "Poem"),
            ("salvo", "Salvo"),
            ("tide", "tide"),
            ("ntex", "ntex"),
            ("rouille", "rouille"),
            ("tiny_http", "tiny_http"),
            ("hyper", "hyper"),
        )
    ),
)

_NONE: Final = Framework("", "", "{program}")
_SERVES: Final = ("web", "server", "api", "app")
"""Names of programs that answer HTTP where there are several."""


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield the program that is taken for the one that answers HTTP."""
    workspace = app.read(read_workspace)
    programs = workspace.programs
    for package in workspace.built:
        if run := package.said("default-run"):
            yield _guess(run, package, "default-run", app)
    if len(programs) == 1:
        yield _guess(*programs[0], "the only program", app)
    serving = [(name, package) for name, package in programs if framework_of(package).package]
    if len(serving) == 1 and len(workspace.built) > 1:
        yield _guess(*serving[0], f"the only one of {len(programs)} programs with a framework", app)
    for wanted in (*_SERVES, workspace.top.name, app.config.name):
        for name, package in programs:
            if name == wanted:
                yield _guess(
                    name, package, f"of {len(programs)} programs, the one of that name", app
                )


def framework_of(package: Manifest) -> Framework:
    """Return what ``package`` answers HTTP with, as far as it is known."""
    names = {str(said.get("package", name)) for name, said, _ in package.dependencies}
    return next((each for each in FRAMEWORKS if each.package in names), _NONE)


def _guess(name: str, package: Manifest, reason: str, app: App) -> Guess:
    found = framework_of(package)
    [call, *_] = (*calls(app), Call(tuple(shlex.split(USUAL))))
    command = found.command.replace("{program}", shlex.quote(f"{call.directory}/{name}"))
    reason = f"{reason} ({found.title})" if found.title else reason
    return Guess(reason, package.file, command=command)
