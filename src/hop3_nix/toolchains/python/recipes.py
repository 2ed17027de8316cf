"""How a host without Nix builds the same: a virtual environment, filled by uv or by pip.

Steps run in the scratch directory, in which the recipe's files stand. Everything is installed by
digest; source distributions and the project are built with the locked build requirements alone,
which are removed before the end.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.plan import APP_TREE, LocalRecipe, LockedFile, PathRef, Step
from hop3_nix.toolchains.language import Arguments
from hop3_nix.toolchains.python.rust import is_crate
from hop3_nix.toolchains.python.scm import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.plan import BuildPlan, Dependency, Value
    from hop3_nix.toolchains.app import App

DEPS: Final = PathRef(layer="deps")
DEPS_PYTHON: Final = PathRef(layer="deps", path="bin/python")
DEPS_LIBRARY: Final = PathRef(layer="deps", path="lib")
APP: Final = PathRef(layer="app")

REQUIREMENTS: Final = "requirements.txt"
BUILD_REQUIREMENTS: Final = "build-requirements.txt"
BUILD_SITE: Final = PathRef(layer="deps", path="build-site")

_COMPILE: Final = (
    "import compileall, sys\n"
    "for directory in sys.argv[1:]:\n"
    "    compileall.compile_dir(directory, quiet=2, maxlevels=100)\n"
)
"""A file that is no valid Python, such as a template of code, is no reason to fail."""

_REMOVE: Final = "import shutil, sys\nshutil.rmtree(sys.argv[1])\n"


class Installer(NamedTuple):
    """A program that makes virtual environments and fills them."""

    requires: tuple[str, ...]
    create: tuple[Value, ...]
    install: tuple[Value, ...]
    env: dict[str, Value]


class AppArguments(Arguments):
    """What only Python says to mkApp: whether the project itself is a package to install."""

    install_project: bool = False
    version: str = ""


def local_recipes(_app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipes for ``plan``, made by programs of this machine: uv first, then pip."""
    dependencies = plan.dependencies
    # cargo of this machine has crates by itself.
    build_dependencies = [file for file in plan.build_dependencies if not is_crate(file)]
    arguments = AppArguments.of(plan.options.app)
    install_project = arguments.install_project
    files = {REQUIREMENTS: _requirements(dependencies)} if dependencies else {}
    if build_dependencies:
        files[BUILD_REQUIREMENTS] = _requirements(build_dependencies)
    return tuple(
        LocalRecipe(
            requires=installer.requires,
            files=files,
            steps=(
                Step(argv=(*installer.create, DEPS)),
                *_install_dependencies(installer, files),
            ),
            finish=(
                *_install_project(
                    installer, files, arguments.version, install_project=install_project
                ),
                Step(argv=(DEPS_PYTHON, "-c", _COMPILE, DEPS_LIBRARY, APP)),
            ),
        )
        for installer in _installers(plan.interpreter)
    )


def _installers(interpreter: str) -> tuple[Installer, ...]:
    uv = Installer(
        requires=("uv",),
        create=("uv", "venv", "--no-config", "--no-python-downloads", "--python", interpreter),
        install=(
            *("uv", "pip", "install", "--no-config", "--link-mode=copy"),
            *("--python", DEPS_PYTHON),
        ),
        # As pip does: a machine may have a certificate authority of its own.
        env={"UV_SYSTEM_CERTS": "1"},
    )
    pip = Installer(
        requires=(),
        create=(interpreter, "-m", "venv", "--without-pip"),
        # hop3-nix's own pip: Debian's interpreters have none unless python3-venv is installed.
        # What stands in BUILD_SITE must not count as installed.
        install=(
            *(sys.executable, "-m", "pip", "--python", DEPS_PYTHON, "install"),
            *("--ignore-installed", "--no-input", "--no-warn-script-location"),
        ),
        env={},
    )
    return (uv, pip)


def _install_dependencies(installer: Installer, files: Mapping[str, str]) -> tuple[Step, ...]:
    by_digest: tuple[Value, ...] = (*installer.install, "--no-deps", "--require-hashes")
    offline = _offline(files)
    # Without locked build requirements nothing is built, rather than with whatever is new.
    isolation = ("--no-build-isolation",) if offline else ("--only-binary", ":all:")
    steps = {
        BUILD_REQUIREMENTS: Step(
            argv=(*by_digest, "--target", BUILD_SITE, "-r", BUILD_REQUIREMENTS),
            env=installer.env,
        ),
        REQUIREMENTS: Step(
            argv=(*by_digest, *isolation, "-r", REQUIREMENTS),
            env={**installer.env, **offline},
        ),
    }
    return tuple(step for file, step in steps.items() if file in files)


def _install_project(
    installer: Installer, files: Mapping[str, str], version: str, *, install_project: bool
) -> tuple[Step, ...]:
    """Return the steps behind the application's own, whose results belong to its package."""
    offline = _offline(files)
    told = dict.fromkeys(VARIABLES, version) if version else {}
    project = Step(
        argv=(
            *(*installer.install, "--no-deps", "--no-build-isolation"),
            *("--prefix", APP, APP_TREE),
        ),
        env={**installer.env, **offline, **told},
    )
    remove = Step(argv=(DEPS_PYTHON, "-c", _REMOVE, BUILD_SITE))
    return (project,) * install_project + (remove,) * bool(offline)


def _offline(files: Mapping[str, str]) -> dict[str, Value]:
    return {"PYTHONPATH": BUILD_SITE} if BUILD_REQUIREMENTS in files else {}


def _requirements(files: Sequence[Dependency]) -> str:
    return "".join(f"{_requirement(file)}\n" for file in files)


def _requirement(file: Dependency) -> str:
    if isinstance(file, LockedFile):
        return f"{file.name} @ {file.url} --hash=sha256:{file.sha256}"
    digests = " ".join(f"--hash=sha256:{digest}" for digest in file.sha256)
    return f"{file.name}=={file.version} {digests}"
