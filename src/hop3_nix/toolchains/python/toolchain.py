"""The Python toolchain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.base import TargetPython
from hop3_nix.locks.hashlock import HashLock
from hop3_nix.locks.own import input_digests
from hop3_nix.locks.python.requirements_text import native_files
from hop3_nix.plan import (
    APP_TREE,
    App,
    BuildPlan,
    LockedFile,
    PackageRef,
    PathRef,
    RuntimePlan,
    SearchPath,
)
from hop3_nix.toolchains.platform import PLATFORM_PACKAGES, ZONEINFO, platform_env
from hop3_nix.toolchains.python.building import decide_building
from hop3_nix.toolchains.python.dependencies import (
    native_lock,
    read_dependencies,
    refuse_unbuildable,
    refuse_unlocked,
)
from hop3_nix.toolchains.python.detect import LOOKS_FOR, find_marker
from hop3_nix.toolchains.python.django import find_django
from hop3_nix.toolchains.python.host import find_interpreters
from hop3_nix.toolchains.python.locate import locate_files
from hop3_nix.toolchains.python.modules import Modules
from hop3_nix.toolchains.python.pip import pip_for
from hop3_nix.toolchains.python.project import Project, read_project
from hop3_nix.toolchains.python.recipes import local_recipes
from hop3_nix.toolchains.python.resolving import (
    REQUIREMENTS,
    requirements_file,
    resolve_build,
    resolve_runtime,
)
from hop3_nix.toolchains.python.versions import choose_version
from hop3_nix.toolchains.python.workers import decide_workers
from hop3_nix.toolchains.versions import release_of

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.locks.base import LockedSet
    from hop3_nix.plan import Dependency, Evidence, Offer, Target, Value
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Tools

_METADATA: Final = ("pyproject.toml", "setup.py", "setup.cfg")
"""Files from which a project's requirements come."""


class PythonToolchain:
    """Python applications, locked by whichever of the usual tools."""

    @property
    def name(self) -> str:
        """Return the name."""
        return "python"

    @property
    def looks_for(self) -> tuple[str, ...]:
        """Return the files that ``detect`` recognises."""
        return LOOKS_FOR

    def detect(self, source: Source) -> Evidence | None:
        """Return which file makes ``source`` a Python application, or None."""
        return find_marker(source)

    def host_offers(self, tools: Tools) -> tuple[Offer, ...]:
        """Return the CPythons on PATH, the newest first."""
        return find_interpreters(tools)

    def plan(self, source: Source, config: AppConfig, target: Target) -> BuildPlan:
        """Return the plan; see docs/python.md for every decision in it."""
        project = read_project(source)
        offer, version = choose_version(source, config, project.pyproject, target)
        locked = read_dependencies(source, project, _python(offer, target))
        names = frozenset(file.name for file in locked.dependencies)
        modules = Modules(source)
        django = find_django(modules, config) if "django" in names else None
        workers = decide_workers(modules, config, project, django, names)
        building = decide_building(config, django)
        on_host = Path(offer.attribute).is_absolute()
        return BuildPlan(
            app=App(
                name=config.name if config.named else project.name or config.name,
                version=config.version or project.version,
                description=config.description or project.description,
            ),
            toolchain=self.name,
            interpreter=offer.attribute,
            packages=tuple(dict.fromkeys((*PLATFORM_PACKAGES, *config.packages))),
            build_packages=config.build_packages,
            dependencies=locked.dependencies,
            build_dependencies=locked.build,
            build_steps=building.steps,
            options={
                "python_version": release_of(offer.version),
                "install_project": project.installed,
            },
            runtime=RuntimePlan(
                env={**_environment(project, offer), **config.env},
                defaults=tuple(config.env) if config.env_policy == "keep-existing" else (),
                path=_search_path(project, offer),
                workers=workers.commands,
                before_run=config.before_run,
                static_paths=building.static_paths,
                writable_tree=APP_TREE if config.writable_tree else None,
                healthcheck_path=config.healthcheck_path,
                healthcheck_timeout=config.healthcheck_timeout,
            ),
            recipes=local_recipes(
                offer.attribute,
                locked.dependencies,
                locked.build,
                install_project=project.installed,
            )
            if on_host
            else (),
            evidence=(
                *config.evidence,
                version,
                *locked.evidence,
                *project.evidence,
                *workers.evidence,
                *building.evidence,
            ),
        )

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        """Return ``plan`` with the addresses that pip gives for what has none."""
        offer = next(
            offer for offer in target.offers_for("python") if offer.attribute == plan.interpreter
        )

        def located(files: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
            return locate_files(
                files, _python(offer, target), lambda: tools.program(offer, "python3"), tools
            )

        dependencies, build = located(plan.dependencies), located(plan.build_dependencies)
        refuse_unbuildable(dependencies, build)
        return plan.model_copy(update={"dependencies": dependencies, "build_dependencies": build})

    def lock(
        self, source: Source, config: AppConfig, target: Target, tools: Tools
    ) -> HashLock | None:
        """Return pip's resolution of what has no hashes, and of what builds sdists."""
        project = read_project(source)
        offer, _ = choose_version(source, config, project.pyproject, target)
        python = _python(offer, target)
        native = native_lock(source, python)
        program = tools.program(offer, "python3")
        pip = pip_for(program, tools)
        if native is None:
            refuse_unlocked(source, project, have_hashes=True)
            packages = files = resolve_runtime(source, project, pip)
        else:
            packages = ()
            located = locate_files(native.dependencies, python, lambda: program, tools)
            files = tuple(file for file in located if isinstance(file, LockedFile))
        build = resolve_build(project, files, pip)
        if not packages and not build:
            return None
        inputs = input_digests(source, _inputs(source, project, native))
        return HashLock(inputs=inputs, python=python, packages=packages, build=build)


TOOLCHAIN: Final = PythonToolchain()


def _python(offer: Offer, target: Target) -> TargetPython:
    return TargetPython(version=offer.version, system=target.system, glibc=offer.libc)


def _environment(project: Project, offer: Offer) -> dict[str, Value]:
    entries = [PathRef(layer="app", path=f"app/{name}") for name in project.source_dirs]
    if project.installed:
        site = f"lib/python{release_of(offer.version)}/site-packages"
        entries.append(PathRef(layer="app", path=site))
    env: dict[str, Value] = {
        **platform_env(),
        "PYTHONTZPATH": ZONEINFO,
        "PYTHONUNBUFFERED": "1",
        # The tree is read-only, and root could write to it nevertheless and damage it.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {**env, "PYTHONPATH": SearchPath(entries=tuple(entries))} if entries else env


def _search_path(project: Project, offer: Offer) -> tuple[PathRef | PackageRef, ...]:
    scripts = (PathRef(layer="app", path="bin"),) if project.installed and project.scripts else ()
    return (
        *scripts,
        PathRef(layer="deps", path="bin"),
        PackageRef(package=offer.attribute, path="bin"),
    )


def _inputs(source: Source, project: Project, native: LockedSet | None) -> tuple[str, ...]:
    """Return the files that a lock depends on."""
    metadata = tuple(name for name in _METADATA if source.has(name))
    if native is not None:
        return tuple(dict.fromkeys((*native.files, *metadata)))
    if requirements_file(source, project) == REQUIREMENTS:
        own = metadata if project.installed else ()
        return tuple(dict.fromkeys((*native_files(source, REQUIREMENTS), *own)))
    return metadata
