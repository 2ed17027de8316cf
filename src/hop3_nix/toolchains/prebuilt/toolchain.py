"""Recipes whose program is fetched, or is one of the package set, as a language."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import Field

from hop3_nix.config.recipes.keys import (
    JavaWar,
    NixpkgsWrapper,
    NodePrebuilt,
    PhpApp,
    PrebuiltArchive,
    PrebuiltBinary,
    Recipe,
)
from hop3_nix.errors import ConfigError
from hop3_nix.plan import LockedFile, PackageRef, PathRef, Problem
from hop3_nix.toolchains.language import Arguments, Language, Layers, Start
from hop3_nix.toolchains.php.extensions import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App

Install = dict[str, "str | int | bool | list[str] | list[dict[str, str | bool]]"]

RUNTIMES: Final = {"java-war": ("java", "jdk17"), "node-prebuilt": ("node", "nodejs_22")}
"""Template to the language that runs it, and the package that does where none is named."""


class DepsArguments(Arguments):
    """What mkDeps takes."""

    install: Install = Field(default={})
    """How the file is put in its place, for install.py."""
    package: str = ""
    """Attribute of a package that is wrapped."""
    php: str = ""
    extensions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """Attributes of packages whose programs are the app's."""


class AppArguments(Arguments):
    """What mkApp takes."""

    overlay: str = ""
    """The part of the deps layer whose files the app's tree has as well."""
    directories: tuple[str, ...] = ()


def needs(app: App) -> tuple[str, ...]:
    """Return the packages that a recipe wraps and names."""
    recipe = app.config.recipe
    if not isinstance(recipe, NixpkgsWrapper):
        return ()
    places = app.config.recipe_places.values()
    bound = (ref.package for ref in places if isinstance(ref, PackageRef))
    return (recipe.nixpkgs_package, *bound)


def runs_on(config: AppConfig) -> tuple[str, ...]:
    """Return the language that a recipe is run by."""
    recipe = config.recipe
    if isinstance(recipe, PhpApp):
        return ("php",)
    return RUNTIMES[recipe.template][:1] if recipe and recipe.template in RUNTIMES else ()


def layers(app: App, _offer: AnyOffer, target: Target) -> Layers:
    """Return what is fetched, and what runs it."""
    recipe = app.config.recipe
    if recipe is None:
        file, line = app.config.where("build.toolchain")
        raise ConfigError(
            "prebuilt is what [nix] template makes of an app, and there is none",
            file=file,
            line=line,
            tip="Take it out: the language of an app is told by its files.",
        )
    asking = _Asking(app, target)
    deps = DepsArguments(install=_install(recipe))
    tree = AppArguments()
    match recipe:
        case NixpkgsWrapper():
            asking.check(recipe.nixpkgs_package, "nixpkgs-package")
            deps = DepsArguments(package=recipe.nixpkgs_package)
            if recipe.writable_home_at_runtime:
                tree = AppArguments(overlay="package")
        case PhpApp():
            php = asking.runtime("php", recipe.php_version, "php-version")
            there = ALWAYS if target.packages is not None else frozenset()
            extensions = tuple(each for each in recipe.php_extensions if each not in there)
            deps = deps.model_copy(update={"php": php, "extensions": extensions})
            if recipe.needs_writable_dir:
                tree = AppArguments(overlay="app", directories=recipe.post_install_dirs)
        case JavaWar() | NodePrebuilt():
            language, usual = RUNTIMES[recipe.template]
            named = recipe.runtime_package or usual
            runtime = asking.runtime(language, named, "runtime-package")
            deps = deps.model_copy(update={"links": (runtime,)})
        case _:
            pass
    return Layers(
        dependencies=_files(recipe, app),
        deps=deps,
        app=tree,
        path=(PathRef(layer="deps", path="bin"), *app.config.recipe_path),
        interpreted=False,
        warnings=tuple(asking.warnings),
    )


def _files(recipe: Recipe, app: App) -> tuple[LockedFile, ...]:
    if not recipe.url:
        return ()
    url = recipe.url.replace("${version}", app.config.version)
    filename = posixpath.basename(unquote(urlsplit(url).path)) or "source"
    return (
        LockedFile(
            name=app.config.name,
            version=app.config.version,
            filename=filename,
            url=url,
            integrity=recipe.sha256,
        ),
    )


def _install(recipe: Recipe) -> Install:
    """Return how install.py puts what is fetched in its place."""
    said: dict[str, Any] = {"archive": recipe.archive, "strip": recipe.strip_components}
    if recipe.source_root and not isinstance(recipe, PrebuiltArchive):
        said["root"] = recipe.source_root
    match recipe:
        case PrebuiltBinary():
            said["file"] = f"bin/{recipe.binary_name}"
            said["executable"] = True
        case PrebuiltArchive():
            said["strip"] = 0
            said["mappings"] = [each.model_dump() for each in recipe.file_mappings]
        case JavaWar():
            said["file"] = f"app/{recipe.war_file}"
            said["link"] = ["app/app.war", recipe.war_file]
        case PhpApp():
            said["directories"] = list(recipe.post_install_dirs)
            if recipe.single_file:
                said["file"] = "app/index.php"
        case NodePrebuilt() if recipe.unpack_without_top_level:
            said["strip"] = 0
        case _:
            pass
    return {key: value for key, value in said.items() if value not in (None, "", [])}


class _Asking:
    """What a recipe names of the package set, and what that lacks.

    It is a warning here, as the plan holds for a package set that has it; building ends with it.
    """

    def __init__(self, app: App, target: Target) -> None:
        self.warnings: list[Problem] = []
        self._config = app.config
        self._target = target

    def runtime(self, language: str, named: str, key: str) -> str:
        """Return the attribute of what runs the app: the one that is named, if it is."""
        offers = [offer.named for offer in self._target.offers_for(language)]
        if f"nix.{key}" not in self._config.places and offers:
            return named if named in offers else offers[0]
        self.check(named, key, offers)
        return named

    def check(self, attribute: str, key: str, offers: Sequence[str] = ()) -> None:
        """Note if the package set has no such package."""
        target = self._target
        if target.packages is None or attribute in {*target.packages, *offers}:
            return
        file, line = self._config.where(f"nix.{key}")
        instead = f', or write {key} = "{offers[0]}"' if offers else ""
        self.warnings.append(
            Problem(
                severity="warning",
                message=f"the package set {target.package_set} has no {attribute}, and cannot "
                "build it",
                file=file,
                line=line,
                tip=f"Build it with another one (--pkgs nixpkgs){instead}.",
            )
        )


TOOLCHAIN: Final = Language(
    name="prebuilt",
    title="recipes",
    markers=(),
    # A recipe asks for it by its name.
    detect=lambda _app: None,
    needs=needs,
    runs_on=runs_on,
    layers=layers,
    start=Start(
        guesses=lambda _app, _layers: (),
        sought="and the recipe names none",
        example="web: ./server",
    ),
)
