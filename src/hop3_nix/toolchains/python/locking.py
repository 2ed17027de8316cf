"""What pip is asked for: addresses of what is locked, and what ``hop3-nix lock`` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.locks import own
from hop3_nix.locks.hashlock import HashLock
from hop3_nix.locks.own import input_digests
from hop3_nix.locks.python import formats
from hop3_nix.locks.python.requirements_text import native_files
from hop3_nix.plan import LockedFile
from hop3_nix.toolchains.python.dependencies import (
    NOTHING,
    Asked,
    native_lock,
    refuse_unbuildable,
    refuse_unlocked,
    target_python,
)
from hop3_nix.toolchains.python.fitting import compiled, fitting_native, have_wheels
from hop3_nix.toolchains.python.indexes import Indexes
from hop3_nix.toolchains.python.locate import locate_files
from hop3_nix.toolchains.python.pip import index_settings, is_configured, locking_pip
from hop3_nix.toolchains.python.project import Project, read_project
from hop3_nix.toolchains.python.resolving import (
    REQUIREMENTS,
    ResolutionError,
    requirements_file,
    resolve_build,
    resolve_runtime,
)
from hop3_nix.toolchains.python.rust import is_crate, rust_of
from hop3_nix.toolchains.python.too_new import too_new
from hop3_nix.toolchains.python.versions import VERSIONS
from hop3_nix.toolchains.rust.registry import locate_crates

if TYPE_CHECKING:
    from hop3_nix.locks.base import LockedSet
    from hop3_nix.plan import AnyOffer, BuildPlan, Dependency, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.base import Tools

_METADATA: Final = ("pyproject.toml", "setup.py", "setup.cfg")
"""Files from which a project's requirements come."""


def locate_plan(plan: BuildPlan, offer: AnyOffer, target: Target, tools: Tools) -> BuildPlan:
    """Return ``plan`` with the addresses that pip gives for what has none."""

    def located(files: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
        python = target_python(offer, target)
        return locate_files(files, python, lambda: tools.program(offer, "python3"), tools)

    crates = tuple(file for file in plan.build_dependencies if is_crate(file))
    wheels = tuple(file for file in plan.build_dependencies if not is_crate(file))
    dependencies, build = located(plan.dependencies), located(wheels)
    refuse_unbuildable(dependencies, build)
    if crates:
        crates = locate_crates(crates, rust_of(target), tools)
    return plan.model_copy(
        update={"dependencies": dependencies, "build_dependencies": (*build, *crates)}
    )


def mirrored_plan(plan: BuildPlan, tools: Tools) -> BuildPlan:
    """Return ``plan`` without public addresses, if the user has an index that stands for them."""
    files = (*plan.dependencies, *plan.build_dependencies)
    if not files or not is_configured():
        return plan
    indexes = Indexes(index_settings(tools))
    if indexes.first_is_public:
        return plan
    of_run, of_build = (
        tuple(indexes.to_be_found(file) for file in each)
        for each in (plan.dependencies, plan.build_dependencies)
    )
    return plan.model_copy(update={"dependencies": of_run, "build_dependencies": of_build})


def write_lock(app: App, offer: AnyOffer, target: Target, tools: Tools) -> HashLock | None:
    """Return pip's resolution of what has no hashes, and of what builds sdists.

    Where nothing asks for a version of Python, it is for the first that everything runs on and has
    wheels for, else for the one that leaves the least to compile.

    Raises LockError or TemporaryError.
    """
    refused: list[ResolutionError] = []
    found: list[tuple[bool, int, HashLock]] = []
    candidates = _candidates(app, offer, target)
    for number, each in enumerate(candidates, start=1):
        try:
            lock = _write_for(app, each, target, tools)
        except ResolutionError as error:
            refused.append(error)
            continue
        if lock is None:
            return None
        rest = candidates[number:]
        unfit = too_new(each, lock.packages) is not None
        if not (unfit and rest) and not _have_wheels(lock, rest, target, tools):
            found.append((unfit, 0, lock))
            break
        found.append((unfit, compiled(lock.packages), lock))
    if found:
        return min(found, key=lambda each: each[:2])[2]
    first, *others = refused
    if others:
        versions = ", ".join(each.version for each in candidates)
        first.tip = f"It was tried for Python {versions}. {first.tip}"
    raise first


def _have_wheels(
    lock: HashLock, others: tuple[AnyOffer, ...], target: Target, tools: Tools
) -> bool:
    if not others or not compiled(lock.packages):
        return False
    return have_wheels(lock.packages, others, target, Indexes(index_settings(tools)))


def _candidates(app: App, offer: AnyOffer, target: Target) -> tuple[AnyOffer, ...]:
    """Return the versions that the app may be locked for, the best first."""
    if app.config.versions.get("python") or VERSIONS.pinned(app):
        return (offer,)
    bounds, offers = VERSIONS.bounds(app), target.offers_for("python")
    admitted = bounds.choose(offers) if bounds else offers
    native = formats.find(app.source)
    if native is None or native.file == own.FILE:
        return admitted
    fits = fitting_native(app, admitted, target)
    return (fits.offer if fits else admitted[0],)


def _write_for(app: App, offer: AnyOffer, target: Target, tools: Tools) -> HashLock | None:
    """Return the lock for one version of Python."""
    source, project = app.source, app.read(read_project)
    python = target_python(offer, target)
    asked = Asked.by(app.config)
    native = native_lock(source, python, asked)
    program = tools.program(offer, "python3")
    pip = locking_pip(program, tools, app.config.build_packages)
    if native is None:
        refuse_unlocked(source, project, have_hashes=True)
        packages = files = resolve_runtime(source, project, pip, asked.extras, asked.groups)
    else:
        packages = ()
        located = locate_files(native.dependencies, python, lambda: program, tools)
        files = tuple(file for file in located if isinstance(file, LockedFile))
    build = resolve_build(project, files, pip)
    if not packages and not build:
        return None
    inputs = input_digests(source, _inputs(source, project, native))
    extras, groups = asked if native is None else NOTHING
    return HashLock(
        inputs=inputs,
        python=python,
        extras=extras,
        groups=groups,
        packages=packages,
        build=build,
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
