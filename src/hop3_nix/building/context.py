"""What an application is built with: Nix and a package set, or this machine; and why."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from hop3_nix.builders.local import LocalBuilder
from hop3_nix.builders.nix import NixBuilder
from hop3_nix.builders.tools import HostTools, NixTools
from hop3_nix.config import load_config
from hop3_nix.config.load import PACKAGE_SETS
from hop3_nix.errors import ConfigError, TemporaryError, UnavailableError, UnsupportedError
from hop3_nix.files.resources import NIX
from hop3_nix.nix import commands as nixcli
from hop3_nix.packagesets.choice import select
from hop3_nix.packagesets.system import current_system
from hop3_nix.plan import Target
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from hop3_nix.builders.base import Builder, Report
    from hop3_nix.building.unchanged import BuilderChoice, BuildOptions
    from hop3_nix.config import AppConfig
    from hop3_nix.packagesets.base import PackageSet
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Tools

HOST: Final = "this machine"


@dataclass(frozen=True)
class Context:
    """An application, and what it is to be built with."""

    app: Composition
    target: Target
    tools: Tools
    package_set: PackageSet | None
    """None for a build without Nix."""
    fell_back: bool = False
    """Whether that is only because Nix could not be used."""

    @property
    def source(self) -> Source:
        """Return the application's files."""
        return self.app.source

    @property
    def builder(self) -> Builder:
        """Return the builder that was chosen."""
        if self.package_set is None:
            return LocalBuilder(self.target, self.app.recipes)
        return NixBuilder(self.package_set)


def choose(source: Source, options: BuildOptions, report: Report) -> Context:
    """Return what ``source`` is built with; the options go before hop3.toml.

    ``report`` is told what `auto` chose, and why. Raises InputError, or UnavailableError and
    TemporaryError if what is asked for cannot be had.
    """
    config = load_config(source, options.name)
    app = Composition.of(source, config)
    wanted = options.builder or config.builder
    if not options.pkgs:
        _refuse_expressions(config)
    package_set = None if wanted == "local" else _package_set(wanted, options, app, report)
    if package_set is not None:
        target = package_set.target()
        _refuse_unknown_packages(config, target)
        tools = NixTools(package_set, report, config.build_packages, allow_code=options.allow_code)
        return Context(app, target, tools, package_set)
    host = HostTools(allow_code=options.allow_code)
    target = Target(
        system=current_system(), package_set=HOST, on_host=True, offers=app.host_offers(host)
    )
    return Context(app, target, host, None, fell_back=wanted == "auto")


def _refuse_expressions(config: AppConfig) -> None:
    """Raise ConfigError if hop3.toml has Nix evaluate an expression of its own choice.

    It would be with the rights of whoever builds: it could read any file, and any variable.
    """
    if not config.package_set or config.package_set in PACKAGE_SETS:
        return
    file, line = config.where("nix.pkgs")
    raise ConfigError(
        f"[nix] pkgs is a path ({config.package_set}), and an application does not choose what is "
        "evaluated with your rights",
        file=file,
        line=line,
        tip='Write "nixpkgs" or "debian" there, or, if you trust what the path has, say it '
        f"yourself: --pkgs {config.package_set}",
    )


def _refuse_unknown_packages(config: AppConfig, target: Target) -> None:
    for key, names in (
        ("run.packages", config.packages),
        ("build.packages", config.build_packages),
    ):
        for name in names:
            if target.packages is None or name in target.packages:
                continue
            file, line = config.where(key)
            near = get_close_matches(name, target.packages)
            has = (
                f"Did you mean {' or '.join(near)}?"
                if near
                else "It has: " + ", ".join(sorted(target.packages))
            )
            raise UnsupportedError(
                f"{target.package_set} has no package {name!r}",
                file=file,
                line=line,
                tip=f"{has}\nAnother package set may have it: --pkgs nixpkgs",
            )


def _require_nix_files(app: Composition) -> None:
    """Raise UnavailableError for a language, of another package, that Nix cannot build."""
    for language in app.toolchains:
        ours = NIX / "lib/languages" / language.name / "default.nix"
        if language.nix is None and not ours.is_file():
            raise UnavailableError(
                f"there are no Nix files for {language.title} ({language.name})",
                tip="Ask for them where the package that adds it comes from, or build without "
                "Nix: --builder local",
            )


def _package_set(
    wanted: BuilderChoice,
    options: BuildOptions,
    app: Composition,
    report: Report,
) -> PackageSet | None:
    try:
        nixcli.require()
        _require_nix_files(app)
        chosen = select(options.pkgs or app.config.package_set or None, report=report.note)
        runs_on = [name for each in app.toolchains for name in each.runs_on(app.config)]
        for language in (*(toolchain.name for toolchain in app.toolchains), *runs_on):
            chosen.prepare(report.note, language)
        named = (*app.config.packages, *app.config.build_packages, *app.needs)
        chosen.provide(named, report.note)
    except (UnavailableError, TemporaryError) as error:
        if wanted == "nix" or options.pkgs:
            raise
        report.note(f"building without Nix, with the programs of this machine: {error}")
        return None
    if wanted == "auto":
        report.note("building with Nix, which is installed here")
    return chosen
