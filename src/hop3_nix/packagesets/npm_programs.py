"""Interpreters that the Debian set takes from npm's registry, for languages whose folder says so.

A folder of nix/debian/languages has an npm.json if the language's own builds are packages there:
``packages`` are their names by system, ``versions`` what is offered, by attribute, with the digest
for each system; ``on`` is the layer that they run on, ``needs`` are languages of the set that
building with them may take. Where the registry is, npm's configuration says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import LockError, ToolError, UnavailableError
from hop3_nix.packagesets.debian_definition import DIRECTORY, language_directories
from hop3_nix.packagesets.wheels import Host, WheelFile, WheelPins, read_pins, read_wheel_languages
from hop3_nix.toolchains.node.registry import address, registries_of_npm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.packagesets.system import System
    from hop3_nix.packagesets.wheels import WheelLanguage
    from hop3_nix.toolchains.base import Runs

_TIP: Final = (
    "Install npm, whose configuration says where its registry is; or build with nixpkgs: "
    "--pkgs nixpkgs"
)


@dataclass(frozen=True, slots=True)
class NpmProgram:
    """One version of an interpreter; ``integrity`` is its digest by system."""

    version: str
    integrity: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NpmLanguage:
    """A language of the set whose interpreters come from npm's registry."""

    name: str
    title: str
    on: str
    needs: Sequence[str]
    packages: Mapping[str, str]
    wanted: Mapping[str, NpmProgram]
    """By attribute."""

    def pin(self, system: System, tools: Runs | None = None) -> WheelPins:
        """Return the files of all versions, where the user's registry has them.

        Raises TemporaryError or UnavailableError if there is no npm that tells a registry.
        """
        package = self.packages[system]
        try:
            registries = registries_of_npm({package}, tools or Host())
        except (LockError, ToolError) as error:
            raise UnavailableError(f"npm tells no registry: {error}", tip=_TIP) from error
        return WheelPins(
            system, {name: self._file(name, system, registries) for name in self._offered(system)}
        )

    def read_pins(self, path: Path, system: System) -> WheelPins | None:
        """Return the pins at ``path``; None if there are none, or they are of other versions."""
        pins = read_pins(path, system)
        known = {name: self.wanted[name] for name in self._offered(system)}
        if pins is None or pins.files.keys() != known.keys():
            return None
        same = all(file.hash == known[name].integrity[system] for name, file in pins.files.items())
        return pins if same else None

    def _offered(self, system: str) -> tuple[str, ...]:
        return tuple(name for name, made in self.wanted.items() if system in made.integrity)

    def _file(self, attribute: str, system: System, registries: Mapping[str, str]) -> WheelFile:
        package, wanted = self.packages[system], self.wanted[attribute]
        url = address(package, wanted.version, registries)
        name = url.rpartition("/")[2]
        return WheelFile(wanted.version, name, url, hash=wanted.integrity[system])


def read_npm_languages(directory: Path = DIRECTORY) -> tuple[NpmLanguage, ...]:
    """Return the languages of the set whose folder has an npm.json."""
    files = (folder / "npm.json" for folder in language_directories(directory))
    return tuple(_read(file) for file in files if file.exists())


def fetched_languages() -> tuple[WheelLanguage | NpmLanguage, ...]:
    """Return the languages of the set that are made of files of other indexes than Debian's."""
    return (*read_wheel_languages(), *read_npm_languages())


def _read(file: Path) -> NpmLanguage:
    data: dict[str, Any] = json.loads(file.read_bytes())
    return NpmLanguage(
        name=file.parent.name,
        title=data["title"],
        on=data["on"],
        needs=data.get("needs", ()),
        packages=data["packages"],
        wanted={name: NpmProgram(**made) for name, made in data["versions"].items()},
    )
