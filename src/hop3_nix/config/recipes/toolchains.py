"""Which of our languages a recipe is built by, and what it asks of that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.config.recipes.keys import (
    GoSource,
    JavaGradle,
    NodePnpmInstall,
    PhpApp,
    PythonVenv,
    Recipe,
    RubyBundler,
)
from hop3_nix.errors import ConfigError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.config.file import ConfigFile

_VERSIONS: Final = {
    "go": (re.compile(r"go_(\d)_(\d+)"), r"\1.\2"),
    "node": (re.compile(r"nodejs_(\d+)"), r"\1"),
    "php": (re.compile(r"php(\d)(\d)"), r"\1.\2"),
    "python": (re.compile(r"python(\d)(\d+)"), r"\1.\2"),
    "ruby": (re.compile(r"ruby_(\d)_(\d+)"), r"\1.\2"),
}
"""What an attribute of nixpkgs says of the version of a language."""


class Asked(NamedTuple):
    """A language, and what it is asked for."""

    toolchain: str
    versions: Mapping[str, str] = {}
    packages: tuple[str, ...] = ()
    build_packages: tuple[str, ...] = ()


def toolchain_of(recipe: Recipe, config: ConfigFile) -> Asked:
    """Return what builds ``recipe``.

    Raises ConfigError or UnsupportedError, with the line, for what none of ours builds.
    """
    packages = tuple(
        each.removesuffix(".lib")
        for each in recipe.nix_runtime_libs
        if not each.startswith("stdenv.")
    )
    match recipe:
        case PythonVenv():
            if recipe.pip_requirements != "requirements.txt":
                raise ConfigError(
                    f"[nix] pip-requirements is {recipe.pip_requirements}",
                    file=config.file,
                    line=config.line("nix", "pip-requirements"),
                    tip="Call the file requirements.txt, at the top, where hop3-nix reads it.",
                )
            return Asked("python", _version(recipe, "python"), packages, recipe.pip_build_inputs)
        case NodePnpmInstall():
            return Asked("node", _version(recipe, "node"), packages)
        case RubyBundler() if not recipe.url:
            return Asked("ruby", _version(recipe, "ruby"), packages)
        case GoSource() if not recipe.url:
            return Asked("go", _version(recipe, "go", recipe.go_version), packages)
        case PhpApp() if not recipe.url:
            return Asked("php", _version(recipe, "php", recipe.php_version), packages)
        case RubyBundler() | GoSource() | JavaGradle():
            raise _compiled(recipe, config)
        case PhpApp() if recipe.needs_composer:
            raise _compiled(recipe, config)
        case _:
            return Asked("prebuilt", packages=packages)


def _version(recipe: Recipe, language: str, named: str = "") -> dict[str, str]:
    pattern, version = _VERSIONS[language]
    match = pattern.fullmatch(named or recipe.runtime_package)
    return {language: match.expand(version)} if match else {}


def _compiled(recipe: Recipe, config: ConfigFile) -> UnsupportedError:
    return UnsupportedError(
        f"[nix] {recipe.template} compiles what it fetches, whose lockfile is not here",
        file=config.file,
        line=config.line("nix", "url"),
        tip="Put the unpacked source beside hop3.toml, and take url, sha256 and archive out: its "
        "own lockfile says what it is built with. A Hop3 server builds the recipe as it stands.",
    )
