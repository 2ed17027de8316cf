"""What the app depends on, as its lockfiles pin it, and what is missing from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import LockError
from hop3_nix.locks import hashlock, own
from hop3_nix.locks.base import LockedSet, TargetPython
from hop3_nix.locks.python import formats
from hop3_nix.toolchains.python.pyproject import read_toml
from hop3_nix.toolchains.python.resolving import first_requirement
from hop3_nix.toolchains.python.sdists import is_sdist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import AnyOffer, Dependency, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.python.project import Project

TIP_LOCK = f"Write {own.FILE} and commit it: {own.REMEDY} (or build with --lock)"


def target_python(offer: AnyOffer, target: Target) -> TargetPython:
    """Return what wheels and markers are chosen for."""
    return TargetPython(version=offer.version, system=target.system, glibc=offer.libc)


class Asked(NamedTuple):
    """What hop3.toml asks for besides the project's own dependencies."""

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @classmethod
    def by(cls, config: AppConfig) -> Asked:
        """Return what ``config`` asks for."""
        return cls(config.extras, config.groups)


NOTHING: Final = Asked()


def native_lock(source: Source, target: TargetPython, asked: Asked = NOTHING) -> LockedSet | None:
    """Return what the lockfile of the app's own tool pins, or None if there is none.

    Raises LockError if it is wrong, stale or has nothing for ``target``.
    """
    found = formats.find(source)
    if found is None or found.file == own.FILE:
        return None
    return found.read(source, target, extras=asked.extras, groups=asked.groups)


def read_dependencies(
    source: Source, project: Project, target: TargetPython, asked: Asked = NOTHING
) -> LockedSet:
    """Return what the app's lockfiles pin: everything it needs, and what builds its sdists.

    Raises LockError if there is no lockfile and something to lock, or if one is wrong or stale.
    """
    locked = native_lock(source, target, asked)
    if locked is None and source.has(own.FILE):
        extras, groups = asked
        locked = hashlock.read(source, own.FILE, target, extras=extras, groups=groups)
    elif locked and source.has(own.FILE) and _may_build(locked.dependencies, project):
        ours = hashlock.read(source, own.FILE, target)
        locked = locked.model_copy(update={"build": ours.build})
    if locked is None:
        refuse_unlocked(source, project, have_hashes=False)
        if any(asked):
            raise _unlocked(project.pyproject.file, None, TIP_LOCK)
        locked = LockedSet(dependencies=(), files=())
    if project.installed and not locked.build:
        raise LockError(
            f"the project is built with {', '.join(project.build_requires)}, "
            "which no lockfile pins",
            file=project.pyproject.file if project.pyproject.data else "setup.py",
            line=project.pyproject.line("build-system", "requires"),
            tip=TIP_LOCK,
        )
    refuse_unbuildable(locked.dependencies, locked.build)
    return locked


def _may_build(files: Sequence[Dependency], project: Project) -> bool:
    return project.installed or any(not file.filename or is_sdist(file.filename) for file in files)


def refuse_unbuildable(files: Sequence[Dependency], build: Sequence[Dependency]) -> None:
    """Raise LockError if there is an sdist among ``files`` and nothing to build it with."""
    sdists = [file.filename for file in files if file.filename and is_sdist(file.filename)]
    if sdists and not build:
        raise LockError(
            f"{', '.join(sdists)}: a source distribution, and no lockfile pins what builds it",
            tip=TIP_LOCK,
        )


def refuse_unlocked(source: Source, project: Project, *, have_hashes: bool) -> None:
    """Raise LockError if the app requires something that nothing pins.

    ``have_hashes`` says that ``hop3-nix lock`` is about to pin what pip can resolve.
    """
    pyproject = project.pyproject
    poetry = set(pyproject.table("tool", "poetry", "dependencies")) - {"python"}
    if poetry and not pyproject.strings("project", "dependencies"):
        line = pyproject.line("tool", "poetry", "dependencies")
        raise _unlocked(pyproject.file, line, "Lock it with Poetry: poetry lock")
    if read_toml(source, "Pipfile").table("packages"):
        raise _unlocked("Pipfile", None, "Lock it with Pipenv: pipenv lock")
    if have_hashes:
        return
    if listed := first_requirement(source):
        raise _unlocked(listed.file, listed.line, TIP_LOCK)
    if pyproject.strings("project", "dependencies"):
        raise _unlocked(pyproject.file, pyproject.line("project", "dependencies"), TIP_LOCK)


def _unlocked(file: str, line: int | None, tip: str) -> LockError:
    return LockError(
        "requires packages, and no lockfile pins them with their hashes",
        file=file,
        line=line,
        tip=tip,
    )
