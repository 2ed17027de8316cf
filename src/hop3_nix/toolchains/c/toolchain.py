"""C and C++, as a language: applications that CMake, Meson or make builds. docs/c.md says how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.plan import Evidence, LocalRecipe
from hop3_nix.toolchains.c.programs import programs_of, project_of
from hop3_nix.toolchains.c.systems import SYSTEMS, system_of
from hop3_nix.toolchains.language import (
    Arguments,
    Guess,
    Language,
    Layers,
    Marker,
    Start,
    Steps,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import AnyOffer, BuildPlan, Target
    from hop3_nix.toolchains.app import App

_SERVES: Final = ("web", "server", "api", "app", "main")
"""Names of programs that answer HTTP where there are several."""


class AppArguments(Arguments):
    """What mkApp takes: the build system, whose programs the build steps find."""

    build_system: str


def detect(app: App) -> Evidence | None:
    """Return the file that tells the build system, or None."""
    system = app.once(system_of)
    if system is None:
        return None
    return Evidence(choice="c", reason=f"{system.name} builds it", file=system.file)


def layers(app: App, _offer: AnyOffer, _target: Target) -> Layers:
    """Return that nothing is locked: libraries come from the package set."""
    system = app.once(system_of)
    # Named in hop3.toml, with steps of its own.
    name = system.name if system else "make"
    return Layers(app=AppArguments(build_system=name), interpreted=False)


def build_steps(app: App, _layers: Layers) -> Steps:
    """Return the steps of the build system. Raises SourceError if there is none."""
    if app.config.build:
        return Steps()
    system = app.once(system_of)
    if system is None:
        raise SourceError(
            "nothing says how it is built: there is no CMakeLists.txt, meson.build or Makefile",
            file=str(app.source.root),
            tip='Say it: [build] build = "cc -O2 -o server server.c" in hop3.toml',
        )
    evidence = tuple(
        Evidence(choice=f"build step: {step}", reason=f"what {system.name} does", file=system.file)
        for step in system.steps
    )
    return Steps(build=system.steps, evidence=evidence)


def guesses(app: App, _layers: Layers) -> Iterator[Guess]:
    """Yield the program that is taken for the one that answers HTTP."""
    programs = app.once(programs_of)
    by_name = {program.name: program for program in programs}
    names = by_name if len(by_name) == 1 else (*_SERVES, app.once(project_of))
    for name in names:
        if program := by_name.get(name):
            reason = "the only program" if len(by_name) == 1 else "of several programs, by its name"
            yield Guess(reason, program.file, program.line, command=program.path)


def recipes(app: App, _plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return what a machine has to have."""
    system = app.once(system_of)
    return (LocalRecipe(requires=system.requires if system else ("cc",), steps=()),)


TOOLCHAIN: Final = Language(
    name="c",
    title="C and C++",
    markers=tuple(Marker(system.file, f"{system.name} builds it") for system in SYSTEMS),
    detect=detect,
    layers=layers,
    steps=build_steps,
    start=Start(
        guesses=guesses,
        sought="and which program answers HTTP is not told by what builds it",
        example="web: build/NAME",
    ),
    recipe=recipes,
)
