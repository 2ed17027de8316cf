"""hop3.toml as models: the sections and keys of hop3-server 0.7, and what hop3-nix adds.

A field without a use in config.py is one that the server alone reads (docs/hop3-toml.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, create_model

from hop3_nix.config.env import EnvSection
from hop3_nix.config.start import StartSection
from hop3_nix.config.values import (
    BuilderName,
    Commands,
    Directories,
    Names,
    Number,
    RootPath,
    Seconds,
    StaticPaths,
    Switch,
    Table,
    Text,
    Texts,
    TreePath,
    UrlPath,
    WholeNumber,
)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


class Section(BaseModel):
    """A section: immutable, keys written with dashes, unknown ones refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_dashed)


class Metadata(Section):
    """``[metadata]``."""

    id: Text = ""
    name: Text = ""
    version: Text = ""
    description: Text = ""
    title: Text = ""
    author: Text = ""
    license: Text = ""
    homepage: Text = ""
    categories: Texts = ()
    tags: Texts = ()


TOOLCHAINS: Final = Path(__file__).parent.parent / "toolchains"

LANGUAGES: Final = tuple(sorted(file.parent.name for file in TOOLCHAINS.glob("*/versions.py")))
"""Those whose toolchain chooses a version, by the files it is made of."""

_versions: Any = {f"{name}_version": (Text, "") for name in LANGUAGES}
Versions = create_model("Versions", __base__=Section, **_versions)


class Build(Versions):
    """``[build]``, with a key ``LANGUAGE-version`` for each language that has versions."""

    builder: BuilderName = "auto"
    toolchain: Names = ()
    root: RootPath = ""
    before_build: Commands | None = None
    build: Commands | None = None
    after_build: Commands | None = None
    packages: Texts = ()
    static_dir: TreePath = ""
    assets_dir: TreePath = ""
    assets_whole_tree: Switch = False
    document_root: Text = ""
    ignore: Texts = ()
    extras: Names = ()
    groups: Names = ()
    include: Texts = ()

    def by_language(self) -> dict[str, str]:
        """Return the versions asked for, by language."""
        asked = {name: getattr(self, f"{name}_version") for name in LANGUAGES}
        return {name: version for name, version in asked.items() if version}


class Run(Section):
    """``[run]``."""

    start: Commands = ()
    before_run: Commands | None = None
    workers: Table = {}
    packages: Texts = ()
    writable: Directories = ()
    static: StaticPaths = {}
    healthcheck: UrlPath = ""
    healthcheck_timeout: Seconds | None = None
    start_timeout: Number | None = None


class Healthcheck(Section):
    """``[healthcheck]``."""

    path: UrlPath = ""
    timeout: Seconds | None = None
    contains: Text = ""
    interval: WholeNumber | None = None
    retries: WholeNumber | None = None


class Nix(Section):
    """``[nix]``, without the keys of hop3-server's own templates."""

    pkgs: Text = ""
    writable_home_at_runtime: Switch = False
    at_start: StartSection | None = None
    """``[at-start]`` for a file that a Hop3 server reads as well, which knows no such section."""


class Hop3Toml(Section):
    """The whole file, without the sections that the server alone reads."""

    metadata: Metadata = Metadata()
    build: Build = Build()
    run: Run = Run()
    env: EnvSection = EnvSection()
    at_start: StartSection | None = None
    healthcheck: Healthcheck = Healthcheck()
    static: StaticPaths = {}
    nix: Nix = Nix()
