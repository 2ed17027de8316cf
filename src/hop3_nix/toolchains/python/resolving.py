"""What ``hop3-nix lock`` writes down: pip's resolution, with address and digest of each file."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import LockError, ToolError
from hop3_nix.locks.base import Place
from hop3_nix.locks.python.packages import checked_name
from hop3_nix.locks.python.project import Project as DeclaredProject
from hop3_nix.locks.python.requirements_text import read_lines
from hop3_nix.plan import LockedFile
from hop3_nix.toolchains.python.pip import Asked, Found, LockingPip, last_error
from hop3_nix.toolchains.python.project import REQUIRES_ITSELF
from hop3_nix.toolchains.python.sdists import build_needs, is_sdist

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hop3_nix.plan import Dependency
    from hop3_nix.source import Source
    from hop3_nix.toolchains.python.project import Project

REQUIREMENTS: Final = "requirements.txt"
_SETUPTOOLS: Final = re.compile(r"setuptools\b", re.IGNORECASE)
_WITHOUT: Final = 82
"""The setuptools that has no pkg_resources any more."""

_TREE: Final = "/sandbox/app"
"""Where the sandbox has the application."""


def requirements_file(source: Source, project: Project) -> str:
    """Return the file that says what the app needs and that pip can resolve, empty for none."""
    if first_requirement(source):
        return REQUIREMENTS
    if project.pyproject.table("project") or project.installed:
        return next(
            name for name in ("pyproject.toml", "setup.py", "setup.cfg") if source.has(name)
        )
    return ""


def first_requirement(source: Source) -> Place | None:
    """Return where requirements.txt, or what it includes, first requires something."""
    for wanted in read_lines(source, REQUIREMENTS) if source.has(REQUIREMENTS) else ():
        if not wanted.constrains and (wanted.option or ("-e",))[0] in {"-e", "--editable"}:
            return wanted.place
    return None


def resolve_runtime(
    source: Source,
    project: Project,
    pip: LockingPip,
    extras: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
) -> tuple[LockedFile, ...]:
    """Return what pip would install for the app's own requirements, sorted by name.

    That is with ``extras`` and dependency ``groups`` of the project. Raises LockError if they
    cannot be resolved or a file has no digest, or TemporaryError.
    """
    file = requirements_file(source, project)
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as scratch:
        # A copy: building a project's metadata writes into its tree.
        tree = Path(scratch, "source")
        source.copy_to(tree)
        asked = _asked(source, tree, file, project, extras)
        if groups:
            more = DeclaredProject.of(source).group_texts(groups)
            asked = replace(asked, requirements=(*asked.requirements, *more))
        found = _with_pkg_resources(pip, asked, file) if asked.requirements else ()
        return _locked((each for each in found if not _is_tree(each)), file)


def resolve_build(
    project: Project, files: Sequence[LockedFile], pip: LockingPip
) -> tuple[Dependency, ...]:
    """Return what building the project and the sdists among ``files`` needs, sorted by name.

    Crates that sdists are built with have no address yet.

    Raises LockError or TemporaryError.
    """
    where = "the build requirements"
    requires = set(project.build_requires if project.installed else ())
    resolved: set[str] = set()
    read: set[str] = set()
    found: tuple[LockedFile, ...] = ()
    crates: dict[Dependency, None] = {}
    while True:
        # What builds may be an sdist itself, which has to be built too.
        for sdist in (*files, *found):
            if is_sdist(sdist.filename) and sdist.sha256 not in read:
                read.add(sdist.sha256)
                needs = build_needs(sdist, pip.env)
                requires.update(needs.requires)
                crates |= dict.fromkeys(needs.crates)
        if requires == resolved:
            return (*found, *crates)
        asked = Asked(tuple(sorted(requires)), prefer_binary=True)
        found = _locked(_resolve(pip, asked, where), where)
        resolved = set(requires)


def _asked(
    source: Source, tree: Path, file: str, project: Project, extras: tuple[str, ...]
) -> Asked:
    """Return what to ask pip for: the lines of requirements files, or the project itself."""
    _check_extras(file, project, extras)
    if file == REQUIREMENTS:
        lines = read_lines(source, REQUIREMENTS)
        wanted = (line.text for line in lines if not line.constrains)
        return Asked(
            # pip would take such a line relative to where it runs.
            tuple(_TREE if REQUIRES_ITSELF.fullmatch(text) else text for text in wanted),
            tuple(line.text for line in lines if line.constrains),
            tree,
        )
    declared = project.pyproject.table("project")
    dynamic = declared.get("dynamic")
    if not declared or (isinstance(dynamic, list) and "dependencies" in dynamic):
        named = f"[{','.join(extras)}]" if extras else ""
        return Asked((f"{_TREE}{named}",) if file else (), tree=tree)
    requirements = list(project.pyproject.strings("project", "dependencies"))
    for extra in extras:
        requirements += project.pyproject.strings("project", "optional-dependencies", extra)
    return Asked(tuple(requirements))


def _check_extras(file: str, project: Project, extras: tuple[str, ...]) -> None:
    """Raise LockError for one of ``extras`` that the project does not declare."""
    known = project.pyproject.table("project", "optional-dependencies")
    for extra in extras:
        if file == REQUIREMENTS or (extra not in known and project.pyproject.table("project")):
            raise LockError(
                f"there is no extra {extra!r}, which [build] extras asks for",
                file=file,
                tip=f"There are: {', '.join(known) or 'none'}. requirements.txt has none.",
            )


class ResolutionError(LockError):
    """What is required cannot be had, for this version of Python at least."""


def _resolve(pip: LockingPip, asked: Asked, file: str) -> tuple[Found, ...]:
    try:
        return pip.resolve(asked)
    except ToolError as error:
        refused = ResolutionError(
            f"pip cannot resolve it: {last_error(error.output)}",
            file=file,
            tip="Correct the requirement; `pip install --dry-run` shows all that pip says.",
        )
        refused.said = error.output
        raise refused from error


def _with_pkg_resources(pip: LockingPip, asked: Asked, file: str) -> tuple[Found, ...]:
    """Return what pip resolves, with a setuptools that still has ``pkg_resources`` if it may be.

    What requires setuptools to run is older than its end, and imports just that.
    """
    found = _resolve(pip, asked, file)
    said = any(_SETUPTOOLS.match(line) for line in (*asked.requirements, *asked.constraints))
    newest = next((each.version for each in found if each.name.lower() == "setuptools"), "")
    if said or not newest or int(newest.partition(".")[0]) < _WITHOUT:
        return found
    older = replace(asked, constraints=(*asked.constraints, f"setuptools<{_WITHOUT}"))
    try:
        return _resolve(pip, older, file)
    except ResolutionError:
        return found


def _is_tree(found: Found) -> bool:
    return found.kind == "dir_info" and found.url == f"file://{_TREE}"


def _locked(found: Iterable[Found], file: str) -> tuple[LockedFile, ...]:
    files = []
    for each in found:
        if each.kind != "archive_info":
            what = "a repository" if each.kind == "vcs_info" else "a directory"
            raise LockError(
                f"{each.name} comes from {what} ({each.url}), which no hash of a file pins",
                file=file,
                tip=f"Publish {each.name}, or require an archive of it: its https address.",
            )
        if not each.sha256:
            raise LockError(
                f"the index gives no sha256 hash for {each.filename}",
                file=file,
                tip=f"Use an index that gives them, or require {each.name} from an https address "
                "with #sha256=... at its end.",
            )
        files.append(
            LockedFile(
                name=checked_name(each.name, Place(file)),
                version=each.version,
                filename=each.filename,
                url=each.url,
                sha256=each.sha256,
            )
        )
    return tuple(sorted(files, key=lambda locked: locked.name))
