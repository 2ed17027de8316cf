"""What is wrong with a Python application, as its commands and its modules' syntax tell it."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from hop3_nix.plan import Problem
from hop3_nix.toolchains.named_files import commands_of
from hop3_nix.toolchains.python.bindings import names_bound
from hop3_nix.toolchains.python.imported import Imported
from hop3_nix.toolchains.python.project import read_project
from hop3_nix.toolchains.python.targets import PROGRAMS, module_of, program_of, target_of
from hop3_nix.toolchains.python.too_new import too_new
from hop3_nix.toolchains.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import AnyOffer, BuildPlan
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.language import Layers
    from hop3_nix.toolchains.named_files import Placed
    from hop3_nix.toolchains.python.targets import Target

WELL_KNOWN: Final = frozenset(
    {
        *("aiohttp", "alembic", "boto3", "bottle", "celery", "click", "django", "falcon"),
        *("fastapi", "flask", "flask_cors", "flask_login", "flask_sqlalchemy", "gradio", "httpx"),
        *("jinja2", "litestar", "matplotlib", "numpy", "openai", "pandas", "peewee", "plotly"),
        *("psycopg", "psycopg2", "pydantic", "pymongo", "pyramid", "quart", "redis", "requests"),
        *("sanic", "scipy", "seaborn", "sqlalchemy", "sqlmodel", "starlette", "streamlit"),
        *("tornado", "uvicorn", "whitenoise"),
    }
)
"""Modules that are called like the one distribution that brings them, but for what follows it."""

_SHORT: Final = 3
"""Length of names that stand in many others."""

_ELSEWHERE: Final = re.compile(r"\b(?:chdir|pythonpath|wsgi_app)\b|sys\.path")


def find_problems(app: App, layers: Layers, offer: AnyOffer, plan: BuildPlan) -> Iterator[Problem]:
    """Yield what is wrong with the commands, and with the modules that they import."""
    project = app.read(read_project)
    roots = (*project.source_dirs, *(("src",) if project.installed else ()))
    release = tuple(int(part) for part in release_of(offer.version).split("."))
    imported = Imported(app.source, (release[0], release[1]), roots)
    if known := too_new(offer, layers.dependencies):
        yield Problem(
            severity="warning",
            message=f"{known.name}{known.releases} is locked, which does not run on Python newer "
            f"than {known.python}; this is {release_of(offer.version)}",
            tip=f"Ask for an older Python (.python-version), or lock a newer {known.name}.",
        )
    own: set[str] = {canonicalize_name(each) for each in project.scripts}
    moved = "PYTHONPATH" in app.config.env or _moves(app)
    for placed in commands_of(app, plan):
        yield from _program(placed, layers, own)
        target = target_of(placed.command)
        if target is not None and target.directory is not None:
            sure = not (moved or project.installed or plan.build_steps)
            yield from _imported(placed, target, imported, layers, sure=sure)
    yield from _broken(imported, offer)
    if layers.locked:
        yield from _outside(imported, layers)


def _moves(app: App) -> bool:
    """Return whether a configuration of gunicorn says where modules are looked for."""
    file = "gunicorn.conf.py"
    return app.source.has(file) and _ELSEWHERE.search(app.source.read_text(file)) is not None


def _program(placed: Placed, layers: Layers, own: set[str]) -> Iterator[Problem]:
    program = program_of(placed.command)
    distribution = PROGRAMS.get(
        program.partition(".")[0] if "-m" in placed.command.words else program
    )
    if distribution is None or canonicalize_name(program) in own:
        return
    if distribution in layers.packages or (program == "fastapi" and "fastapi" in layers.packages):
        return
    what = "asked for" if not layers.locked else "locked"
    yield placed.problem(
        f"{placed.name} runs {program}, and no package that is {what} has it",
        f"Add {distribution} to the dependencies, and lock them again.",
    )


def _imported(
    placed: Placed, target: Target, imported: Imported, layers: Layers, *, sure: bool
) -> Iterator[Problem]:
    assert target.directory is not None  # noqa: S101 - for the type checker: asked before
    roots = tuple(dict.fromkeys((target.directory, *imported.roots)))
    if target.script:
        if imported.source.has(target.script):
            imported.follow(target.script, roots)
        return
    file = imported.find(target.module, roots)
    if file is None:
        if not sure or _is_foreign(target.module, layers) or module_of(placed.command):
            return
        if imported.is_directory(target.module, roots):
            return
        yield placed.problem(
            f"{placed.name} imports {target.module}, and there is no such module",
            _did_you_mean(target.module, imported.names(roots)) + "Correct the name.",
        )
        return
    for parent in _parents(target.module):
        if package := imported.find(parent, roots):
            imported.follow(package, roots)
    imported.follow(file, roots)
    tree = imported.tree(file)
    bound = names_bound(tree) if tree and target.object else None
    name = target.object.partition(".")[0]
    if (
        bound is not None
        and name not in bound
        and not imported.find(f"{target.module}.{name}", roots)
    ):
        yield placed.problem(
            f"{placed.name} takes {name} from {target.module}, and {file} has no such name",
            _did_you_mean(name, bound) + "Correct the name.",
        )


def _did_you_mean(name: str, known: frozenset[str]) -> str:
    usual = [each for each in ("app", "application", "create_app") if each in known]
    near = get_close_matches(name, sorted(known), n=2, cutoff=0.6) or usual[:1]
    return f"Did you mean {' or '.join(near)}? " if near else ""


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _broken(imported: Imported, offer: AnyOffer) -> Iterator[Problem]:
    for each in imported.broken.values():
        ours = "{}.{}".format(*sys.version_info[:2])
        yield Problem(
            severity="error" if each.certain else "warning",
            message=f"a syntax error, in a module that a worker imports: {each.what}"
            + ("" if each.certain else f", as Python {ours} reads it"),
            file=each.file,
            line=each.line,
            tip="Correct it."
            if each.certain
            else f"The application has Python {offer.version}, which may read more.",
        )


def _outside(imported: Imported, layers: Layers) -> Iterator[Problem]:
    for each in imported.outside.values():
        if each.name in WELL_KNOWN and not _is_foreign(each.name, layers):
            yield Problem(
                severity="warning",
                message=f"imports {each.name}, and no package that is locked seems to have it",
                file=each.file,
                line=each.line,
                tip=f"Add {canonicalize_name(each.name)} to the dependencies, and lock them again.",
            )


def _is_foreign(module: str, layers: Layers) -> bool:
    """Return whether a locked package, or Python itself, may have ``module``."""
    top = module.partition(".")[0]
    name = canonicalize_name(top)
    return top in sys.stdlib_module_names or any(
        name in (each if len(name) > _SHORT else each.split("-")) for each in layers.packages
    )
