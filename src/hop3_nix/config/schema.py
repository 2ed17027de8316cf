"""hop3.toml as models: the sections and keys of hop3-server 0.7, and what hop3-nix adds.

A field without a use in config.py is one that the server alone reads (docs/hop3-toml.md).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from hop3_nix.config.env import EnvSection
from hop3_nix.config.values import (
    BuilderName,
    Commands,
    Number,
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


class Versions(Section):
    """The ``LANGUAGE-version`` keys of ``[build]``; hop3-server has the one of node."""

    clojure_version: Text = ""
    dotnet_version: Text = ""
    elixir_version: Text = ""
    go_version: Text = ""
    java_version: Text = ""
    node_version: Text = ""
    php_version: Text = ""
    python_version: Text = ""
    ruby_version: Text = ""
    rust_version: Text = ""

    def by_language(self) -> dict[str, str]:
        """Return the versions asked for, by language."""
        asked = {name: getattr(self, name) for name in Versions.model_fields}
        return {name.removesuffix("_version"): asked[name] for name in asked if asked[name]}


class Build(Versions):
    """``[build]``."""

    builder: BuilderName = "auto"
    toolchain: Text = ""
    before_build: Commands | None = None
    build: Commands | None = None
    after_build: Commands | None = None
    packages: Texts = ()
    static_dir: TreePath = ""
    document_root: Text = ""
    ignore: Texts = ()


class Run(Section):
    """``[run]``."""

    start: Commands = ()
    before_run: Commands | None = None
    workers: Table = {}
    packages: Texts = ()
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


class Hop3Toml(Section):
    """The whole file, without the sections that the server alone reads."""

    metadata: Metadata = Metadata()
    build: Build = Build()
    run: Run = Run()
    env: EnvSection = EnvSection()
    healthcheck: Healthcheck = Healthcheck()
    static: StaticPaths = {}
    nix: Nix = Nix()
