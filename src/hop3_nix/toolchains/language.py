"""What a language is: a table, and the few functions that only it can answer.

Nothing here decides anything: `planning` asks these, and is the only writer of a plan.
docs/adding-a-language.md goes through all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from hop3_nix.plan import Evidence

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import Self

    from pydantic import JsonValue

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import (
        AnyOffer,
        BuildPlan,
        Dependency,
        LocalRecipe,
        PackageRef,
        PathRef,
        Problem,
        Site,
        Target,
        Value,
    )
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Assets, LockContent, Tools
    from hop3_nix.toolchains.versions import Constraint, Preferred, Written

    Place = tuple[str, int | None]


class Marker(NamedTuple):
    """A file at the top that tells the language, and what that makes of the application."""

    file: str
    reason: str


class Framework(NamedTuple):
    """A package that says how an application is started: by a command, or as a site.

    ``command`` is a shell line that uses $PORT; with a ``site``, the package makes that.
    """

    package: str
    title: str
    command: str = ""
    site: Site | None = None


@dataclass(frozen=True)
class Versions:
    """What asks for a version: hop3.toml's key before all ``pins``, of which the first counts.

    ``grammar`` is what a pin's text admits, ``bounds`` a range that the project declares.
    """

    pins: tuple[Callable[[App], Written | None], ...]
    grammar: Callable[[Written], Constraint]
    bounds: Callable[[App], Constraint | None] = lambda _app: None
    prefer: Callable[[App, tuple[AnyOffer, ...], Target], Preferred | None] = (
        lambda _app, _offers, _target: None
    )
    """Return which of several the lockfile is for, where nothing pins one."""

    def pinned(self, app: App) -> Written | None:
        """Return what pins the version in one of the application's own files, or None."""
        return next((found for pin in self.pins if (found := pin(app))), None)


class Answer(NamedTuple):
    """What an interpreter of this machine says of itself."""

    version: str
    libc: str
    program: str


@dataclass(frozen=True)
class Probe:
    """How the interpreters of this machine are found, and asked what they are.

    ``parse`` returns None for one that cannot be used, and raises ValueError for an answer that
    is none.
    """

    program: re.Pattern[str]
    ask: tuple[str, ...]
    parse: Callable[[str], Answer | None]
    env: Mapping[str, str] = field(default_factory=dict)


class Arguments(BaseModel):
    """Arguments of a language's Nix function, as a model of its own for each.

    The plan has them by the names that Nix has for them, without what is not said.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )

    def said(self) -> dict[str, JsonValue]:
        """Return them as the plan has them."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @classmethod
    def of(cls, said: Mapping[str, JsonValue]) -> Self:
        """Return them as they were before."""
        return cls.model_validate(said)


_NONE = Arguments()


class About(NamedTuple):
    """What the project's own file says of it; hop3.toml goes before that."""

    name: str = ""
    version: str = ""
    description: str = ""


_UNSAID = About()


@dataclass(frozen=True)
class Layers:
    """What the lockfile makes of an application, and where its parts find that.

    ``packages`` are the names of what is locked, for frameworks. ``reads_source`` says that
    mkDeps is given the application's files, of which it may take no more than it names.
    """

    dependencies: tuple[Dependency, ...] = ()
    build_dependencies: tuple[Dependency, ...] = ()
    tools: Mapping[str, str] = field(default_factory=dict)
    """Packages that the Nix functions take beside the interpreter: argument to attribute."""
    deps: Arguments = _NONE
    """What mkDeps takes beside the names, files and packages that all languages give."""
    app: Arguments = _NONE
    """The same for mkApp."""
    reads_source: bool = False
    env: Mapping[str, Value] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)
    """Variables of which the environment at run time may have others."""
    path: tuple[PathRef | PackageRef, ...] = ()
    interpreted: bool = True
    """Whether workers have the interpreter on PATH; not if what is built runs by itself."""
    packages: frozenset[str] = frozenset()
    about: About = _UNSAID
    warnings: tuple[Problem, ...] = ()
    """What of the lockfile may not do what its package manager does."""
    locked: bool = True
    """False while there is no lockfile that can be used, and the names are what is declared."""
    evidence: tuple[Evidence, ...] = ()


class Steps(NamedTuple):
    """What a language adds to the application's own build steps.

    ``build`` is done if hop3.toml has none, ``last`` before what it has for after the build.
    """

    first: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    static_paths: Mapping[str, str] = {}
    app: Arguments | None = None
    """In place of the arguments that the layers have for mkApp."""
    evidence: tuple[Evidence, ...] = ()


class Guess(NamedTuple):
    """How an application is started, or which site it is, as its files imply."""

    reason: str
    file: str
    line: int | None = None
    command: str = ""
    site: Site | None = None

    def evidence(self) -> Evidence:
        """Return it as the plan shows it."""
        what = f"site: {self.site.shown}" if self.site else f"web: {self.command}"
        return Evidence(choice=what, reason=self.reason, file=self.file, line=self.line)


@dataclass(frozen=True)
class Start:
    """How a language starts applications that do not say it.

    ``guesses`` yields what it finds, of which the first counts, and may raise what keeps that
    from being served. ``sought`` lists for an error what was looked for, ``example`` is a line
    of a Procfile.
    """

    guesses: Callable[[App, Layers], Iterable[Guess]]
    sought: str
    example: str
    rewrite: Callable[[App, str, Place], str] = lambda _app, line, _place: line
    """Return a command line as it is run, such as without the package manager's program."""
    step: Callable[[App, str, Place], str] | None = None
    """The same for a build step, if that is another question."""
    interfaces: tuple[str, ...] = ()
    """Names of workers whose line is what a server is put in front of."""
    serve: Callable[[App, Layers, str, str, Place], Guess] | None = None
    """Return how such a worker is served: interface, line, place."""
    site: Callable[[App, Layers], Guess | None] = lambda _app, _layers: None
    """Return the site that the locked tools make, to be served as they mean it."""
    always: bool = False
    """Whether there is a guess though workers are declared, unless one of them answers HTTP."""


@dataclass(frozen=True)
class Language:
    """One language, as the package of its name has it in ``toolchain.TOOLCHAIN``."""

    name: str
    title: str
    """What people call it."""
    markers: tuple[Marker, ...]
    """The files that tell it, the first of them first."""
    layers: Callable[[App, AnyOffer, Target], Layers]
    start: Start
    declared: Callable[[App], Layers] = lambda _app: Layers()
    """Return what can be told while there is no lockfile that can be used."""
    check: Callable[[App, Layers, AnyOffer, BuildPlan], Iterable[Problem]] = (
        lambda _app, _layers, _offer, _plan: ()
    )
    """Yield what is wrong with an application that was planned, or with a stage's part of one."""
    complete: Callable[[App, BuildPlan], BuildPlan] = lambda _app, plan: plan
    """Return a plan with what only the workers in it tell."""
    steps: Callable[[App, Layers], Steps] = lambda _app, _layers: Steps()
    site_alone: Callable[[Layers, AnyOffer], Layers] = lambda layers, _offer: layers
    """Return what is left when a web server shows what was built, and no worker runs."""
    detect: Callable[[App], Evidence | None] | None = None
    """Return why an application is of the language, if more than a marker tells it."""
    needs: Callable[[App], tuple[str, ...]] = lambda _app: ()
    """Return packages of the set that it is built with, beside those that hop3.toml names."""
    runs_on: Callable[[AppConfig], tuple[str, ...]] = lambda _config: ()
    """Return other languages whose interpreters the package set has to have ready."""
    frameworks: tuple[str, ...] = ()
    """Those that it starts, or whose sites it serves, by themselves; as people call them."""
    has_extras: bool = False
    """Whether a project of it has extras and groups of dependencies to ask for."""
    versions: Versions | None = None
    """None if there is no interpreter to choose."""
    probe: Probe | None = None
    env: Mapping[str, Value] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)
    nix: Path | None = None
    """The directory of its Nix files, if that is not the folder of its name in our library."""
    recipe: Callable[[App, BuildPlan], tuple[LocalRecipe, ...]] | None = None
    """Return how a machine without Nix builds it; None if it cannot be."""
    assets: Callable[[App, AppConfig], Assets | None] | None = None
    """Return what there is for a stage; the configuration is that of the whole application."""
    lock: Callable[[App, AnyOffer, Target, Tools], LockContent | None] | None = None
    """Return what ``hop3-nix lock`` writes, or None if there is nothing that it would add."""
    mirrored: Callable[[App, BuildPlan, AnyOffer, Target, Tools], BuildPlan] | None = None
    """Return the plan with a mirror in place of the public index, where the user has named one.

    It may ask the ecosystem's own client for its settings, and no network.
    """
    locate: Callable[[BuildPlan, AnyOffer, Target, Tools], BuildPlan] | None = None
    """Return the plan with an address for every file that its lockfile gives none for."""

    @property
    def looks_for(self) -> tuple[str, ...]:
        """Return the files that tell the language, for the error when none is there."""
        return tuple(marker.file for marker in self.markers)

    def found_in(self, app: App) -> Evidence | None:
        """Return why ``app`` is of the language, or None if it is not."""
        return self.detect(app) if self.detect else self.marker_of(app)

    def marker_of(self, app: App) -> Evidence | None:
        """Return the first of the markers that is there, or None."""
        for file, reason in self.markers:
            if app.source.has(file):
                return Evidence(choice=self.name, reason=reason, file=file)
        return None
