"""What is measured in: a state directory, copies of the applications, and environments."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.running import Command
from hop3_nix.host.state import app_dir, state_dir
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets.choice import select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.packagesets.base import PackageSet

ROOT: Final = Path(__file__).parent.parent
HOP3_NIX: Final = Path(sys.executable).with_name("hop3-nix")

PROBE: Final = "probe"
"""A worker that does nothing: what is measured is how it is started."""


@dataclass(frozen=True)
class App:
    """An application that hop3-nix has built."""

    directory: Path
    location: Path
    """The store path."""
    state: Path

    @property
    def interpreter(self) -> Path:
        """Return the Python that the application runs on."""
        path = self.runtime["path_prepend"]
        found = (Path(directory, "python3") for directory in path)
        return next(program for program in found if program.exists()).resolve()

    @property
    def runtime(self) -> dict[str, Any]:
        """Return what the application's runtime.json says."""
        data: dict[str, Any] = json.loads((self.location / "hop3/runtime.json").read_bytes())
        return data


@dataclass(frozen=True)
class World:
    """A state directory of our own, so that nobody's builds are touched, and its environment."""

    scratch: Path
    env: Mapping[str, str]
    package_set: PackageSet

    @classmethod
    def make(cls, scratch: Path) -> World:
        """Return a world in ``scratch``, whose package set is ready for use."""
        state = scratch / "state"
        prepared = state_dir() / "debian"
        if prepared.is_dir():
            # As `make setup` has left it, so that the same interpreters are used.
            shutil.copytree(prepared, state / "debian", ignore=shutil.ignore_patterns("apt"))
        # For the parts of hop3-nix that are called from here, too.
        os.environ["HOP3_NIX_STATE"] = str(state)
        left_out = {"HOP3_STATE_DIR", "PORT", "NIX_CONFIG"}
        env = {name: value for name, value in os.environ.items() if name not in left_out}
        Command((HOP3_NIX, "packages", "prepare"), env).run()
        package_set = select(None, report=lambda line: print(line, file=sys.stderr))
        return cls(scratch, env, package_set)

    @property
    def nix_env(self) -> Mapping[str, str]:
        """Return the environment of a bare nix-build, with the settings that hop3-nix gives it."""
        settings = NixSettings(self.package_set.nix_settings()).environment()
        return {**self.env, "NIX_CONFIG": settings["NIX_CONFIG"]}

    def index_env(self, index: str) -> Mapping[str, str]:
        """Return the environment of a pip that knows one index and keeps nothing."""
        mine = {name: value for name, value in self.env.items() if not name.startswith("PIP_")}
        alone = {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        return {**mine, **alone, "PIP_INDEX_URL": f"{index}/simple", "PIP_NO_CACHE_DIR": "1"}

    def hop3_nix(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Command:
        """Return a call of the command that is measured."""
        return Command((HOP3_NIX, *arguments), env or self.env)

    def build(self, directory: Path, *, env: Mapping[str, str] | None = None) -> tuple[float, App]:
        """Build what is in ``directory`` and return the seconds that took, and the application."""
        took, location = self.hop3_nix("build", directory, "--builder", "nix", env=env).run()
        return took, App(directory, Path(location), app_dir(directory))

    def copy(self, source: Path, name: str) -> Path:
        """Return a copy of the application at ``source``: a repository, with a worker more."""
        directory = self.scratch / "apps" / name
        shutil.copytree(source, directory, ignore=shutil.ignore_patterns("__pycache__"))
        with (directory / "Procfile").open("a") as procfile:
            procfile.write(f"{PROBE}: true\n")
        for arguments in (("init", "--quiet"), ("add", "--all")):
            Command(("git", *arguments), self.env, cwd=directory).run()
        return directory

    def bare(self, app: App) -> Path:
        """Return a copy of the expression and the source that hop3-nix has built ``app`` from."""
        directory = self.scratch / "bare" / app.directory.name
        shutil.copytree(app.state / "work", directory, symlinks=True)
        return directory

    def nix_build(self, directory: Path) -> Command:
        """Return a bare nix-build of the expression in ``directory``."""
        argv = ("nix-build", directory / "hop3.nix", "-A", "package", "--no-out-link")
        return Command(argv, self.nix_env)
