"""What is built of an application, and which of its programs answers HTTP."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.locks.go.modules import read_modules
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.go.packages import name_of, read_packages
from hop3_nix.toolchains.language import Guess, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.go.packages import Program
    from hop3_nix.toolchains.language import Layers

_SERVES: Final = ("web", "server", "api", "app")
"""Names of programs that answer HTTP where there are several."""


def build_steps(app: App, _layers: Layers) -> Steps:
    """Return the command that makes ``bin/NAME`` of each program.

    Raises SourceError if there is none, or if two would have the same name.
    """
    if app.config.build:
        return Steps()
    programs = app.once(read_packages).programs
    if not programs:
        raise SourceError(
            "no package here is a program: none of the files that are built for Linux begins "
            "with package main",
            file=str(app.source.root),
            tip='Say what makes one: [build] build = "go build -o bin/ PACKAGE"',
        )
    [(name, times)] = Counter(each.name for each in programs).most_common(1)
    if times > 1:
        where = " and ".join(each.argument for each in programs if each.name == name)
        raise SourceError(
            f"{where} would both be bin/{name}",
            file=str(app.source.root),
            tip=f'Name them yourself: [build] build = "go build -o bin/{name} PACKAGE"',
        )
    command = shlex.join(["go", "build", "-o", "bin/", *(each.argument for each in programs)])
    evidence = Evidence(
        choice=f"build step: {command}",
        reason=f"the programs of {app.read(read_modules).top.file}",
        file=app.read(read_modules).top.file,
    )
    return Steps(build=(command,), evidence=(evidence,))


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield the program that is taken for the one that answers HTTP."""
    programs = app.once(read_packages).programs
    if len(programs) == 1:
        yield _guess(programs[0], "the only program", app)
        return
    module = name_of(app.read(read_modules).top.module)
    for name in (*_SERVES, module, app.config.name):
        for program in programs:
            if program.name == name:
                yield _guess(program, f"of {len(programs)} programs, the one of that name", app)


def _guess(program: Program, reason: str, app: App) -> Guess:
    file = program.directory or app.read(read_modules).top.file
    return Guess(reason, file, command=shlex.quote(f"bin/{program.name}"))
