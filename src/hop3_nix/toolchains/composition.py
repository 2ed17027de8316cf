"""A whole application: its main language, its stages, and what is asked of both."""

from __future__ import annotations

import posixpath
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hop3_nix.errors import InputError
from hop3_nix.locks.own import FILE as LOCK_FILE
from hop3_nix.toolchains.app import App
from hop3_nix.toolchains.checking import Checked, collecting, find_problems
from hop3_nix.toolchains.choice import choose_toolchains, naming_files, place_of, placed
from hop3_nix.toolchains.on_path import find_interpreters
from hop3_nix.toolchains.planning import Placed, choose_offer, decide_part, write_plan
from hop3_nix.toolchains.static.server import find_nginx, with_server
from hop3_nix.toolchains.writable import with_writable

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import AnyOffer, BuildPlan, HostOffer, LocalRecipe, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import LockContent, Tools
    from hop3_nix.toolchains.choice import Choice, ChosenStage
    from hop3_nix.toolchains.language import Language
    from hop3_nix.toolchains.planning import Part

    Locates = Callable[[App, BuildPlan, AnyOffer, Target, Tools], BuildPlan]


class Recipes(NamedTuple):
    """How a machine without Nix builds an application, and each of its stages."""

    app: tuple[LocalRecipe, ...]
    stages: tuple[tuple[LocalRecipe, ...], ...] = ()


@dataclass(frozen=True)
class Composition:
    """An application, with the languages that make a plan of it."""

    source: Source
    """All of the application's files."""
    config: AppConfig
    """What the application says of itself."""
    app: App
    """The application as its main language sees it."""
    choice: Choice
    parts: tuple[App, ...]
    """The application as each of its stages sees it."""

    @classmethod
    def of(cls, source: Source, config: AppConfig) -> Composition:
        """Return the application of ``source``; raises what `choose_toolchains` does."""
        app = _main(source, config)
        return cls._of(source, config, app, choose_toolchains(app, source))

    @classmethod
    def _of(cls, source: Source, config: AppConfig, app: App, choice: Choice) -> Composition:
        parts = (App(stage.source(source), config.of_stage()) for stage in choice.stages)
        return cls(source, config, app, choice, tuple(parts))

    @property
    def toolchains(self) -> tuple[Language, ...]:
        """Return all languages, the main one first."""
        return (self.choice.main, *(stage.language for stage in self.choice.stages))

    @property
    def nix_files(self) -> dict[str, Path]:
        """Return the Nix files of languages that other packages have added, by name."""
        return {each.name: each.nix for each in self.toolchains if each.nix is not None}

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the packages that the languages need by what the files say."""
        apps = (self.app, *self.parts)
        return tuple(
            name
            for language, app in zip(self.toolchains, apps, strict=True)
            for name in language.needs(app)
        )

    def read_again(self, source: Source) -> Composition:
        """Return the same application after its files were changed."""
        return self._of(source, self.config, _main(source, self.config), self.choice)

    def host_offers(self, tools: Tools) -> tuple[HostOffer, ...]:
        """Return what this machine has for any of the languages, and for a site."""
        offers = [
            offer
            for each in self.toolchains
            if each.probe
            for offer in find_interpreters(each.name, each.probe, tools)
        ]
        return (*dict.fromkeys(offers), *find_nginx(tools))

    def plan(self, target: Target) -> BuildPlan:
        """Return the plan; the same application and target give the same one.

        Raises LockError, UnsupportedError, ConfigError or SourceError, with all else that is wrong.
        """
        return self.check(target).usable()

    def check(self, target: Target) -> Checked:
        """Return the plan, as far as there can be one, and all that is wrong with it."""
        errors: list[InputError] = []
        try:
            main = self._decided(self.choice.main, self.app, self._place, target, errors)
            stages = tuple(self._stage(stage, app, target, errors) for stage, app in self._stages())
            with self._naming():
                plan = write_plan(main, stages, target)
                plan = self.choice.main.complete(self.app, plan)
            plan = with_writable(plan, self.app.source, self.app.config)
        except InputError as error:
            return Checked(None, (*errors, error))
        evidence = (
            *(placed(each, self._place, self.config) for each in plan.evidence),
            *self.choice.evidence,
            *(each for stage in stages for each in stage.evidence),
        )
        plan = plan.model_copy(update={"evidence": evidence})
        problems = [(self._place, each) for each in find_problems(main, self.app, plan)]
        for (stage, app), placed_, its in zip(self._stages(), stages, plan.stages, strict=True):
            problems += [(stage.place, each) for each in find_problems(placed_.part, app, its.plan)]
        found = [
            problem.model_copy(update={"file": place_of(problem.file, place, self.config)})
            for place, problem in problems
        ]
        return Checked.of(plan, errors, found)

    def mirrored(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        """Return ``plan`` with the mirrors that the user has named in place of public indexes."""
        return self._each(plan, target, tools, lambda language: language.mirrored)

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        """Return ``plan`` with an address for every file, those of its stages included.

        Raises LockError or TemporaryError.
        """
        plan = self.mirrored(plan, target, tools)

        def located(language: Language) -> Locates | None:
            locate = language.locate
            return None if locate is None else lambda _app, *asked: locate(*asked)

        return self._each(plan, target, tools, located)

    def _each(
        self,
        plan: BuildPlan,
        target: Target,
        tools: Tools,
        which: Callable[[Language], Locates | None],
    ) -> BuildPlan:
        """Return ``plan`` after each of its languages did with its part what it has for that."""

        def done(language: Language, app: App, part: BuildPlan) -> BuildPlan:
            locates = which(language)
            if locates is None:
                return part
            offer, _ = choose_offer(language, app, target)
            return locates(app, part, offer, target, tools)

        stages = tuple(
            stage.model_copy(update={"plan": done(its.language, app, stage.plan)})
            for stage, (its, app) in zip(plan.stages, self._stages(), strict=True)
        )
        plan = done(self.choice.main, self.app, plan)
        return plan.model_copy(update={"stages": stages})

    def locks(self, target: Target, tools: Tools) -> dict[str, LockContent]:
        """Return what ``hop3-nix lock`` writes, by path from the top: a file for each language.

        Raises LockError or TemporaryError.
        """
        with self._naming():
            main = _lock(self.choice.main, self.app, target, tools)
        found = {self._place(LOCK_FILE): main}
        for stage, app in self._stages():
            with naming_files(stage.place, self.config):
                lock = _lock(stage.language, app, target, tools)
            found[stage.place(LOCK_FILE)] = lock
        return {file: content for file, content in found.items() if content is not None}

    def recipes(self, plan: BuildPlan, target: Target) -> Recipes:
        """Return how this machine, which ``target`` describes, builds ``plan`` without Nix.

        Raises UnavailableError if it is a site and there is no web server.
        """
        main = _recipes(self.choice.main, self.app, plan)
        if plan.site is not None:
            main = tuple(with_server(recipe, target) for recipe in main)
        stages = tuple(
            _recipes(its.language, app, stage.plan)
            for stage, (its, app) in zip(plan.stages, self._stages(), strict=True)
        )
        return Recipes(main, stages)

    def _place(self, file: str) -> str:
        """Return the path, from the top, of what the main language calls ``file``."""
        return posixpath.join(self.config.root, file)

    def _naming(self) -> AbstractContextManager[None]:
        root = self.config.root
        return naming_files(self._place, self.config) if root else nullcontext()

    def _decided(
        self,
        language: Language,
        app: App,
        place: Callable[[str], str],
        target: Target,
        errors: list[InputError],
        *,
        tip: str = "",
    ) -> Part:
        """Return what ``language`` makes of ``app``; ``place`` names its files in messages."""
        wrong: list[InputError] = []
        with naming_files(place, self.config, tip=tip):
            part = decide_part(language, app, target, wrong)
        for error in wrong:
            with collecting(errors), naming_files(place, self.config, tip=tip):
                raise error
        return part

    def _stages(self) -> tuple[tuple[ChosenStage, App], ...]:
        return tuple(zip(self.choice.stages, self.parts, strict=True))

    def _stage(
        self, stage: ChosenStage, app: App, target: Target, errors: list[InputError]
    ) -> Placed:
        tip = "" if stage.said else _without(stage.language, self.choice.main)
        part = self._decided(stage.language, app, stage.place, target, errors, tip=tip)
        return Placed(
            part=part,
            directory=stage.directory,
            whole_tree=stage.whole_tree,
            kept=stage.kept,
            evidence=tuple(placed(each, stage.place, self.config) for each in part.evidence),
        )


def _main(source: Source, config: AppConfig) -> App:
    return App(source.below(config.root) if config.root else source, config.of_root())


def _lock(language: Language, app: App, target: Target, tools: Tools) -> LockContent | None:
    if language.lock is None:
        return None
    offer, _ = choose_offer(language, app, target)
    return language.lock(app, offer, target, tools)


def _recipes(language: Language, app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    return language.recipe(app, plan) if language.recipe else ()


def _without(language: Language, main: Language) -> str:
    return (
        f"If nothing of {language.name} is to be built, say so: "
        f'[build] toolchain = "{main.name}" in hop3.toml.'
    )
