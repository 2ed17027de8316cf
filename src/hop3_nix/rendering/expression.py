"""A build plan as a Nix expression: the Jinja environment, and what templates are given."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hop3_nix import __version__
from hop3_nix.errors import LockError
from hop3_nix.files.resources import TEMPLATES
from hop3_nix.plan import WHOLE_TREE, LockedFile, PackageRef, UnlocatedFile
from hop3_nix.rendering.nixlang import (
    NixText,
    attribute_name,
    only_nix,
    package,
    relative_path,
    to_nix,
)
from hop3_nix.workers.described import describe_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hop3_nix.plan import BuildPlan, Dependency, Stage

_SUFFIX: Final = ".nix.j2"
_APP: Final = f"app{_SUFFIX}"


def render(
    plan: BuildPlan,
    *,
    pkgs: NixText,
    src: str = "./.",
    snapshot: bool = False,
    digests: Mapping[str, str] | None = None,
    included: Sequence[str] = (),
) -> str:
    """Return the text of hop3.nix for ``plan``; equal plans give equal text.

    ``pkgs`` is the expression of the package set that is used when the caller gives none, ``src``
    the app's tree relative to the file; of a ``snapshot``, every file belongs to the app.
    ``digests`` are those of the files that the plan was made from, by which the expression tells
    when it is out of date; ``included`` are patterns of what is no secret.
    Raises LockError if a file has no address, and InputError for what Nix cannot hold.
    """
    _refuse_unlocated(plan)
    stages = [_stage(stage) for stage in plan.stages]
    return (
        _environment()
        .get_template(_APP)
        .render(
            language=NixText(attribute_name(plan.toolchain)),
            version=NixText(__version__),
            pkgs=pkgs,
            src=NixText(f"hop3.snapshot {relative_path(src)}") if snapshot else relative_path(src),
            plan=plan,
            source=NixText("source" if stages or plan.directory else "hop3.cleanSource src"),
            stage=None,
            directory=plan.directory,
            whole_tree=True,
            stages=stages,
            environment=plan.runtime.env,
            runtime=_runtime(plan),
            digests=dict(digests or {}),
            included=list(included),
            shell_packages=[
                NixText("deps"),
                *map(package, plan.packages),
                *(NixText(f"{stage.selected}.deps") for stage in stages),
            ],
        )
    )


def render_flake(
    *, description: str, nixpkgs: str, systems: Sequence[str], library: str = ""
) -> str:
    """Return the text of an app's flake.nix, which takes hop3.nix from beside it.

    ``nixpkgs`` and ``library`` are flake references; without the latter, the library is the copy
    that stands beside the expression.
    """
    return (
        _environment()
        .get_template(f"flake{_SUFFIX}")
        .render(
            version=NixText(__version__),
            description=description,
            nixpkgs=nixpkgs,
            systems=list(systems),
            library=library,
        )
    )


def render_own(*, pkgs: NixText, state: str = "") -> str:
    """Return the text that calls ./source/hop3.nix, an application's own expression.

    ``state`` is the state directory if that is where the package set is, which is then Debian's.
    """
    return _environment().get_template(f"own{_SUFFIX}").render(pkgs=pkgs, state=state)


@dataclass(frozen=True)
class _Stage:
    """A stage as the template of the whole takes it."""

    name: NixText
    text: NixText

    @property
    def selected(self) -> NixText:
        return NixText(f"stages.{self.name}")


def _stage(stage: Stage) -> _Stage:
    _refuse_unlocated(stage.plan)
    text = (
        _environment()
        .get_template(_APP)
        .render(
            language=NixText(attribute_name(stage.name)),
            plan=stage.plan,
            source=NixText("source"),
            stage=stage,
            directory=stage.directory,
            whole_tree=stage.whole_tree,
            environment=stage.plan.runtime.env,
        )
    )
    indented = textwrap.indent(text.rstrip("\n"), " " * 6)
    return _Stage(NixText(attribute_name(stage.name)), NixText(indented))


@cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - the output is Nix; what it holds is serialised
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=only_nix,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "argument": _argument,
        "nix": to_nix,
        "package": package,
        "packages": _packages,
        "fetched": _fetched,
    }
    return environment


def _refuse_unlocated(plan: BuildPlan) -> None:
    for dependency in (*plan.dependencies, *plan.build_dependencies):
        if isinstance(dependency, UnlocatedFile):
            raise LockError(
                f"the lockfile gives no address for {dependency.name} {dependency.version}",
                tip="Write one for every file: hop3-nix lock",
            )


def _argument(name: str) -> NixText:
    return NixText(attribute_name(name))


def _packages(attributes: Iterable[str], level: int) -> NixText:
    return to_nix([package(attribute) for attribute in attributes], level)


def _fetched(files: Sequence[Dependency], level: int) -> NixText:
    return to_nix([_fetch(file) for file in files if isinstance(file, LockedFile)], level)


def _fetch(file: LockedFile) -> NixText:
    digest = {"hash": file.integrity} if file.integrity else {"sha256": file.sha256}
    arguments = {"name": file.filename, "url": file.url, **digest}
    return NixText(f"(hop3.fetchLocked {to_nix(arguments)})")


def _runtime(plan: BuildPlan) -> dict[str, object]:
    """Return the runtime section as the post-build step reads it, without what is not said."""
    runtime = plan.runtime
    workers = describe_all(runtime.workers)
    section: dict[str, object] = {
        "env": NixText("environment app"),
        "defaults": runtime.defaults,
        "required": runtime.required,
        "path": _search_path(plan),
        "tree": WHOLE_TREE if plan.directory else "",
        "working_dir": runtime.working_dir,
        "workers": runtime.workers,
        "before_run": runtime.before_run,
        "static_paths": runtime.static_paths,
        "writable_tree": runtime.writable_tree,
        "writable": runtime.writable,
        "healthcheck_path": runtime.healthcheck_path,
        "healthcheck_contains": runtime.healthcheck_contains,
        "calendars": {name: each.calendars for name, each in workers.items() if each.calendars},
        "files": [name for name, each in workers.items() if each.kind == "static"],
    }
    if start := runtime.start.said():
        section["start"] = start | ({"places": runtime.places} if runtime.places else {})
    said = {name: value for name, value in section.items() if value}
    for name in ("healthcheck_timeout", "backend_protocol"):
        value = getattr(runtime, name)
        if value != type(runtime).model_fields[name].default:
            said[name] = value
    return said


def _search_path(plan: BuildPlan) -> list[object]:
    """Return PATH: what the plan says, then its packages that are not named there."""
    named: list[object] = list(plan.runtime.path)
    packages = [PackageRef(package=attribute) for attribute in plan.packages]
    present = {(ref.package, ref.path) for ref in named if isinstance(ref, PackageRef)}
    return named + [ref for ref in packages if (ref.package, ref.path) not in present]
