"""Python, as a language: locked by any of the usual tools. docs/python.md has every decision."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hop3_nix.plan import HostOffer, PathRef, SearchPath
from hop3_nix.toolchains.language import (
    About,
    Answer,
    Language,
    Layers,
    Marker,
    Probe,
    Start,
)
from hop3_nix.toolchains.platform import ZONEINFO
from hop3_nix.toolchains.python.building import build_steps
from hop3_nix.toolchains.python.checking import find_problems
from hop3_nix.toolchains.python.declared import declared_names
from hop3_nix.toolchains.python.dependencies import Asked, read_dependencies, target_python
from hop3_nix.toolchains.python.frameworks import FRAMEWORKS
from hop3_nix.toolchains.python.locking import locate_plan, mirrored_plan, write_lock
from hop3_nix.toolchains.python.project import Project, read_project
from hop3_nix.toolchains.python.recipes import AppArguments, local_recipes
from hop3_nix.toolchains.python.rust import compiler_for, has_programs, own_crates
from hop3_nix.toolchains.python.scm import scm_version
from hop3_nix.toolchains.python.starting import (
    EXAMPLE,
    INTERFACES,
    SOUGHT,
    guesses,
    known_site,
    serve_named,
)
from hop3_nix.toolchains.python.tools import PAGES, SCRIPTS
from hop3_nix.toolchains.python.versions import VERSIONS
from hop3_nix.toolchains.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.plan import AnyOffer, Target, Value
    from hop3_nix.toolchains.app import App

_ASK: Final = (
    "import json, os, platform, sys, venv\n"
    "print(json.dumps([platform.python_implementation(), platform.python_version(),"
    " platform.libc_ver(), os.path.realpath(sys.executable),"
    " sys.prefix == sys.base_prefix]))\n"
)


def layers(app: App, offer: AnyOffer, target: Target) -> Layers:
    """Return what the lockfiles pin, and where Python finds it and the project's own modules.

    Raises LockError.
    """
    project = app.read(read_project)
    asked = Asked.by(app.config)
    locked = read_dependencies(app.source, project, target_python(offer, target), asked)
    from_git, told = scm_version(app.source, project) if not app.config.version else ("", ())
    version = app.config.version or project.version or from_git
    has_scripts = project.installed and (project.scripts or has_programs(project))
    scripts = (PathRef(layer="app", path="bin"),) if has_scripts else ()
    return Layers(
        dependencies=locked.dependencies,
        build_dependencies=(*locked.build, *own_crates(app.source, project)),
        tools=compiler_for(locked.build, target),
        app=AppArguments(install_project=True, version=version)
        if project.installed
        else AppArguments(),
        env=_own_modules(project, offer),
        path=(*scripts, PathRef(layer="deps", path="bin")),
        packages=frozenset(file.name for file in locked.dependencies),
        about=About(project.name, project.version or from_git, project.description),
        evidence=(*locked.evidence, *project.evidence, *told),
    )


def declared(app: App) -> Layers:
    """Return the names that the project's files ask for, while nothing locks them."""
    project = app.read(read_project)
    return Layers(
        packages=declared_names(app.source, project),
        env=_own_modules(project, None),
        about=About(project.name, project.version, project.description),
        evidence=project.evidence,
    )


def site_alone(layers: Layers, offer: AnyOffer) -> Layers:
    """Return what is left when nothing of Python runs: the server shows what the build has made."""
    # On this machine, the build steps find their programs there.
    path = layers.path if isinstance(offer, HostOffer) else ()
    return replace(layers, env={}, path=path, interpreted=False)


def parse(said: str) -> Answer | None:
    """Return what a Python on this machine is, None for one of a virtual environment.

    What that holds would come along.
    """
    implementation, version, (libc, libc_version), program, outside_venv = json.loads(said)
    usable = implementation == "CPython" and libc == "glibc" and outside_venv
    return Answer(version, libc_version, program) if usable else None


def _own_modules(project: Project, offer: AnyOffer | None) -> Mapping[str, Value]:
    entries = [PathRef(layer="app", path=f"app/{name}") for name in project.source_dirs]
    if project.installed and offer is not None:
        site = f"lib/python{release_of(offer.version)}/site-packages"
        entries.append(PathRef(layer="app", path=site))
    return {"PYTHONPATH": SearchPath(entries=tuple(entries))} if entries else {}


TOOLCHAIN: Final = Language(
    name="python",
    title="Python",
    frameworks=(
        "Django",
        *dict.fromkeys(each.title for each in FRAMEWORKS.values()),
        "Dash",
        *(each.title for each in (*SCRIPTS, *PAGES)),
    ),
    markers=(
        Marker("pyproject.toml", "a Python project"),
        Marker("uv.lock", "locked by uv"),
        Marker("poetry.lock", "locked by Poetry"),
        Marker("pdm.lock", "locked by PDM"),
        Marker("pylock.toml", "locked as PEP 751 says"),
        Marker("Pipfile.lock", "locked by Pipenv"),
        Marker("Pipfile", "managed by Pipenv"),
        Marker("requirements.txt", "requirements for pip"),
        Marker("setup.py", "a setuptools project"),
        Marker("setup.cfg", "a setuptools project"),
        Marker("manage.py", "a Django project"),
        # When nothing else says what it is.
        *(
            Marker(file, "a Python script at the top")
            for file in ("main.py", "app.py", "wsgi.py", "asgi.py")
        ),
    ),
    has_extras=True,
    versions=VERSIONS,
    probe=Probe(re.compile(r"python3(\.\d+)?"), ("-I", "-c", _ASK), parse),
    env={
        "PYTHONTZPATH": ZONEINFO,
        "PYTHONUNBUFFERED": "1",
        # The tree is read-only, and root could write to it nevertheless and damage it.
        "PYTHONDONTWRITEBYTECODE": "1",
    },
    layers=layers,
    declared=declared,
    check=find_problems,
    steps=build_steps,
    site_alone=site_alone,
    start=Start(
        guesses=guesses,
        sought=SOUGHT,
        example=EXAMPLE,
        interfaces=INTERFACES,
        site=known_site,
        serve=serve_named,
    ),
    lock=write_lock,
    mirrored=lambda _app, plan, _offer, _target, tools: mirrored_plan(plan, tools),
    locate=locate_plan,
    recipe=local_recipes,
)
