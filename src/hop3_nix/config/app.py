"""What an application's hop3.toml and Procfile say of building and running it, as one value."""

from __future__ import annotations

import posixpath
from typing import Final

from pydantic import Field, SerializeAsAny

from hop3_nix.config.env import Policy
from hop3_nix.config.recipes.keys import Recipe
from hop3_nix.config.values import Builder
from hop3_nix.config.workers import Place
from hop3_nix.errors import ConfigError
from hop3_nix.plan import Evidence, Frozen, PackageRef, PathRef
from hop3_nix.startdata import StartData

HEALTH_TIMEOUT: Final = 30
"""Seconds."""


class AppConfig(Frozen):
    """The configuration of one application, from both files."""

    name: str = Field(description="Letters, digits and '._+-'; never empty.")
    named: bool = Field(
        default=False, description="Whether a file says the name; else it is the directory's."
    )
    version: str = ""
    description: str = ""
    workers: dict[str, str] = Field(default={}, description="Name to command as written.")
    before_run: tuple[str, ...] = ()
    before_build: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    after_build: tuple[str, ...] = ()
    builder: Builder = "auto"
    toolchains: tuple[str, ...] = Field(default=(), description="The main one first.")
    root: str = Field(
        default="", description="The directory of the main language, from the top; empty for it."
    )
    extras: tuple[str, ...] = Field(
        default=(), description="Optional parts of the project that are installed as well."
    )
    groups: tuple[str, ...] = Field(
        default=(), description="Groups of its dependencies that are installed as well."
    )
    versions: dict[str, str] = Field(default={}, description="Language to version asked for.")
    packages: tuple[str, ...] = Field(default=(), description="For the workers.")
    build_packages: tuple[str, ...] = Field(default=(), description="For the build steps.")
    env: dict[str, str] = Field(default={}, description="Name to value, as text.")
    env_policy: Policy = Field(
        default="keep-existing",
        description="Whether the environment at run time goes before the values of env.",
    )
    required_env: tuple[str, ...] = Field(
        default=(), description="Names that need a value at run time."
    )
    start: StartData = Field(default=StartData(), description="What is done at each start.")
    static_paths: dict[str, str] = Field(
        default={}, description="URL prefix to a directory relative to the app's tree."
    )
    static_dir: str = ""
    assets_dir: str = Field(default="", description="Where a stage's files are; '.' for the top.")
    assets_whole_tree: bool = Field(
        default=False, description="Whether building a stage reads files from everywhere."
    )
    healthcheck_path: str = ""
    healthcheck_timeout: int = Field(default=HEALTH_TIMEOUT, description="Seconds.")
    healthcheck_contains: str = ""
    writable_tree: str = Field(
        default="", description="'.' if the app writes beside its code, else empty."
    )
    writable: tuple[str, ...] = Field(
        default=(), description="Directories of the tree that the app writes to."
    )
    package_set: str = Field(
        default="", description="'nixpkgs', 'debian', an absolute path, or empty if not said."
    )
    recipe: SerializeAsAny[Recipe] | None = Field(
        default=None, description="What [nix] says beside a template."
    )
    recipe_places: dict[str, PathRef | PackageRef] = Field(
        default={}, description="What the texts of the start data name as ${@NAME}."
    )
    recipe_path: tuple[PathRef | PackageRef, ...] = Field(
        default=(), description="What the recipe puts on PATH besides."
    )
    evidence: tuple[Evidence, ...] = ()
    places: dict[str, Place] = Field(default={}, description="Key to where it is said.")

    def of_stage(self) -> AppConfig:
        """Return what of it holds for every part of the application, and not for the whole."""
        return AppConfig(
            name=self.name,
            named=self.named,
            builder=self.builder,
            versions=self.versions,
            build_packages=self.build_packages,
            env=self.env,
            env_policy=self.env_policy,
            package_set=self.package_set,
            places=self.places,
        )

    def of_root(self) -> AppConfig:
        """Return it as the main language sees it: paths are relative to its directory.

        Raises ConfigError for a directory that has to be below it and is not.
        """
        if not self.root:
            return self
        static = {
            url: posixpath.relpath(path, self.root) for url, path in self.static_paths.items()
        }
        return self.model_copy(
            update={
                "static_paths": static,
                "static_dir": self.static_dir
                and self._below_root("build.static-dir", self.static_dir),
                "writable": tuple(self._below_root("run.writable", each) for each in self.writable),
            }
        )

    def _below_root(self, key: str, path: str) -> str:
        found = posixpath.relpath(path, self.root)
        if found.startswith("../"):
            file, line = self.where(key)
            raise ConfigError(
                f"{path} is not in {self.root}, where the application runs",
                file=file,
                line=line,
                tip=f"Name a directory of it, from the top, such as: {self.root}/{path}",
            )
        return found

    def where(self, key: str) -> Place:
        """Return file and line of a key such as 'run.workers.web', whichever file says it.

        What has no line of its own has that of the section around it. The file is empty and the
        line None if neither file has either.
        """
        while key and key not in self.places:
            key = key.rpartition(".")[0]
        return self.places.get(key, ("", None))
