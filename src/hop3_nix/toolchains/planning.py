"""The plan of an application: what its languages answer and its configuration says, in one value.

Nothing else writes a BuildPlan. A stage is asked for its layers and steps, and never for workers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError, LockError
from hop3_nix.plan import (
    APP_TREE,
    BuildPlan,
    HostOffer,
    Offer,
    Options,
    PackageRef,
    RuntimePlan,
    Stage,
)
from hop3_nix.plan import App as Named
from hop3_nix.toolchains.moved import from_stage, in_directory, moved
from hop3_nix.toolchains.platform import PLATFORM_PACKAGES, platform_env
from hop3_nix.toolchains.starting import decide_start
from hop3_nix.toolchains.static.server import check_made, server_path
from hop3_nix.toolchains.versions import Chooser

if TYPE_CHECKING:
    from hop3_nix.errors import InputError
    from hop3_nix.plan import AnyOffer, Evidence, Site, Target
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Language, Layers, Steps
    from hop3_nix.toolchains.starting import Started

_FILENAME: Final = re.compile(r"(?![-/])(?!(?:.*/)?\.{0,2}(?:/|\Z))[^\0-\x1f\x7f\\]+")
"""A path below the place that it is put to: one language has directories in it."""

MAX_PACKAGES: Final = 10_000
MAX_NAME: Final = 64
"""Characters of an application's name, which stands in store paths and in those of its state."""

_STEP_KEYS: Final = ("before-build", "build", "after-build")


@dataclass(frozen=True)
class Part:
    """A language's part of an application: what it was asked for, and what it answered."""

    language: Language
    app: App
    offer: AnyOffer
    layers: Layers
    steps: Steps
    build_steps: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Placed:
    """A stage's part, where it is, and how messages name its files."""

    part: Part
    directory: str
    whole_tree: bool
    kept: bool
    evidence: tuple[Evidence, ...]


def choose_offer(
    language: Language, app: App, target: Target
) -> tuple[AnyOffer, tuple[Evidence, ...]]:
    """Return the interpreter or compiler that ``app`` gets, and why.

    Raises UnsupportedError, listing what is offered, if there is none that was asked for.
    """
    versions = language.versions
    if versions is None:
        none = {"language": language.name, "version": "", "libc": ""}
        return HostOffer(**none, program="") if target.on_host else Offer(**none, attribute=""), ()
    chooser = Chooser(language.name, language.title)
    written = chooser.asked_in(app.config) or versions.pinned(app)
    offer, why = chooser.choose(
        target,
        versions.grammar(written) if written else None,
        versions.bounds(app),
        lambda offers: versions.prefer(app, offers, target),
    )
    return offer, (why,)


def decide_part(language: Language, app: App, target: Target, errors: list[InputError]) -> Part:
    """Return what ``language`` makes of ``app``: its version, its layers and its build steps.

    What is wrong with its lockfile goes into ``errors``, as the rest can be told without.
    Raises UnsupportedError or ConfigError.
    """
    offer, why = choose_offer(language, app, target)
    try:
        layers = language.layers(app, offer, target)
    except LockError as error:
        errors.append(error)
        layers = replace(language.declared(app), locked=False)
    _check_packages(layers)
    steps = language.steps(app, layers)
    if steps.app is not None:
        layers = replace(layers, app=steps.app)
    return Part(
        language=language,
        app=app,
        offer=offer,
        layers=layers,
        steps=steps,
        build_steps=_build_steps(language, app, steps),
        evidence=(*why, *layers.evidence, *steps.evidence),
    )


def _check_packages(layers: Layers) -> None:
    """Raise LockError for more packages than Nix, of which each is a derivation, should see.

    Also for a file whose name leads elsewhere, or is an option: each reader looks at its names, and
    this is for the one that has forgotten to.
    """
    packages = (*layers.dependencies, *layers.build_dependencies)
    number = len(packages)
    file = next((each.file for each in reversed(layers.evidence) if each.file), "")
    for package in packages:
        if package.filename and not _FILENAME.fullmatch(package.filename):
            raise LockError(
                f"{package.name}: {package.filename!r} is no name of a file",
                file=file,
                tip="Lock again.",
            )
    if number > MAX_PACKAGES:
        raise LockError(
            f"it has {number} packages, and {MAX_PACKAGES} are the most that is built with",
            file=file,
            tip="Leave out what the application does without, or build its parts on their own.",
        )


def write_plan(main: Part, stages: tuple[Placed, ...], target: Target) -> BuildPlan:
    """Return the plan of an application of ``main`` and ``stages``; its evidence is of ``main``.

    Raises ConfigError, or SourceError if nothing says how the application is started.
    """
    config = main.app.config
    started = decide_start(main, made=bool(stages or main.build_steps))
    if started.alone:
        main = replace(main, layers=main.language.site_alone(main.layers, main.offer))
    plan = in_directory(_plan_of(main, _runtime(main, started), site=started.site), config.root)
    _check_name(plan.app.name, main.app)
    evidence = (*config.evidence, *main.evidence, *started.evidence)
    plan = plan.model_copy(update={"evidence": evidence})
    for placed in stages:
        plan = _with_stage(plan, placed)
    if started.site is not None:
        path = (*plan.runtime.path, server_path(target))
        check = (check_made(started.site),) if plan.build_steps else ()
        plan = plan.model_copy(
            update={
                "runtime": plan.runtime.model_copy(update={"path": path}),
                "build_steps": (*plan.build_steps, *check),
            }
        )
    return plan


def _check_name(name: str, app: App) -> None:
    if len(name) <= MAX_NAME:
        return
    file, line = app.config.where("metadata.id")
    if not line:
        file, line = app.config.where("metadata.name")
    raise ConfigError(
        f"the application is called {name[:MAX_NAME]}..., of {len(name)} characters, and "
        f"{MAX_NAME} are the most",
        file=file,
        line=line,
        tip='Give it a shorter name: [metadata] id = "shop" in hop3.toml.',
    )


def _build_steps(language: Language, app: App, steps: Steps) -> tuple[str, ...]:
    config, rewrite = app.config, language.start.step or language.start.rewrite
    said = {
        "before-build": (*steps.first, *config.before_build),
        "build": (*(config.build or steps.build), *steps.last),
        "after-build": config.after_build,
    }
    return tuple(
        rewrite(app, line, config.where(f"build.{key}")) for key in _STEP_KEYS for line in said[key]
    )


def _plan_of(part: Part, runtime: RuntimePlan, *, site: Site | None = None) -> BuildPlan:
    config, layers, about = part.app.config, part.layers, part.layers.about
    return BuildPlan(
        app=Named(
            name=config.name if config.named else about.name or config.name,
            version=config.version or about.version,
            description=config.description or about.description,
        ),
        toolchain=part.language.name,
        interpreter=part.offer.named,
        packages=tuple(dict.fromkeys((*PLATFORM_PACKAGES, *config.packages))),
        build_packages=tuple(
            dict.fromkeys((*config.build_packages, *part.language.needs(part.app)))
        ),
        dependencies=layers.dependencies,
        build_dependencies=layers.build_dependencies,
        build_steps=part.build_steps,
        options=Options(
            tools=dict(layers.tools),
            deps=layers.deps.said(),
            app=layers.app.said(),
            reads_source=layers.reads_source,
        ),
        runtime=runtime,
        site=site,
    )


def _environment(part: Part) -> RuntimePlan:
    """Return what holds at run time and while a stage's build steps run alike."""
    language, layers, config = part.language, part.layers, part.app.config
    defaults = {**language.defaults, **layers.defaults}
    declared = config.env if config.env_policy == "keep-existing" else {}
    path = layers.path
    if layers.interpreted and isinstance(part.offer, Offer) and part.offer.attribute:
        path = (*path, PackageRef(package=part.offer.attribute))
    return RuntimePlan(
        env={
            **platform_env(),
            **language.env,
            **language.defaults,
            **layers.env,
            **layers.defaults,
            **config.env,
        },
        defaults=tuple(dict.fromkeys((*defaults, *declared))),
        path=path,
    )


def _runtime(main: Part, started: Started) -> RuntimePlan:
    config, rewrite = main.app.config, main.language.start.rewrite
    where = config.where("run.before-run")
    return _environment(main).model_copy(
        update={
            "required": tuple(sorted(config.required_env)),
            "start": config.start,
            "places": config.recipe_places,
            "workers": started.workers,
            "before_run": tuple(rewrite(main.app, line, where) for line in config.before_run),
            "static_paths": config.static_paths or dict(main.steps.static_paths),
            "writable_tree": APP_TREE if config.writable_tree else None,
            "healthcheck_path": config.healthcheck_path,
            "healthcheck_timeout": config.healthcheck_timeout,
            "healthcheck_contains": config.healthcheck_contains,
        }
    )


def _with_stage(plan: BuildPlan, placed: Placed) -> BuildPlan:
    part = placed.part
    made = _plan_of(part, _environment(part))
    made = made.model_copy(update={"app": Named(name=f"{plan.app.name}-{part.language.name}")})
    stage = Stage(
        plan=made, directory=placed.directory, whole_tree=placed.whole_tree, kept=placed.kept
    )
    plan = plan.model_copy(update={"stages": (*plan.stages, stage)})
    return _keeping(plan, stage) if stage.kept else plan


def _keeping(plan: BuildPlan, stage: Stage) -> BuildPlan:
    """Return ``plan`` with the language and the packages of ``stage`` at run time."""
    runtime, its, move = plan.runtime, stage.plan.runtime, from_stage(stage, plan)
    env = {name: moved(value, move) for name, value in its.env.items()}
    path = tuple(map(move, its.path))
    packages = (entry.package for entry in path if isinstance(entry, PackageRef))
    return plan.model_copy(
        update={
            "packages": tuple(dict.fromkeys((*plan.packages, *packages))),
            "runtime": runtime.model_copy(
                update={
                    "env": {**env, **runtime.env},
                    "defaults": tuple(dict.fromkeys((*runtime.defaults, *its.defaults))),
                    "path": (*runtime.path, *path),
                }
            ),
        }
    )
