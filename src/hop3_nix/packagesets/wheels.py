"""Interpreters that the Debian set takes from wheels, for languages whose folder says so.

A folder of nix/debian/languages has a wheels.json if Debian's own build of the language does not
run from the store: ``project`` is the name in the index that pip uses, ``versions`` are the
beginnings of the versions that are wanted, each of which is offered as ``attribute`` with that
appended, ``on`` is the layer that the interpreter runs on.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import ToolError, UnavailableError
from hop3_nix.host.process import output
from hop3_nix.host.statefile import read_state_file
from hop3_nix.packagesets.debian_definition import DIRECTORY, language_directories
from hop3_nix.toolchains.python.pip import pip_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.packagesets.system import System
    from hop3_nix.toolchains.base import Runs

_FORMAT: Final = 1

_UNREADABLE: Final = (
    *(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, RecursionError),
)


@dataclass(frozen=True, slots=True)
class WheelFile:
    """The file that one version of an interpreter is in.

    Its digest is ``sha256`` in hex, or ``hash`` as in Subresource Integrity.
    """

    version: str
    filename: str
    url: str
    sha256: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class WheelPins:
    """Which file each attribute of a language is made of."""

    system: str
    files: Mapping[str, WheelFile]

    def versions(self) -> dict[str, str]:
        """Return the version of each attribute."""
        return {attribute: file.version for attribute, file in self.files.items()}

    def to_json(self) -> str:
        """Return the text of the file that keeps them; equal pins, equal text."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=1, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class WheelLanguage:
    """A language of the set whose interpreters come from wheels."""

    name: str
    title: str
    on: str
    project: str
    platforms: Mapping[str, Sequence[str]]
    wanted: Mapping[str, str]
    """Beginning of the version, by attribute."""

    needs: Sequence[str] = ()
    """Languages of the set that building with it may take."""

    def pin(self, system: System, tools: Runs | None = None) -> WheelPins:
        """Return the newest build of each version, as pip finds it in the user's indexes.

        Raises TemporaryError if no index can be reached, UnavailableError if it has no such build.
        """
        pip = pip_for(Path(sys.executable), tools or Host())
        platforms = [f"--platform={name}" for name in self.platforms[system]]
        files = {}
        for attribute, version in self.wanted.items():
            wanted = f"{self.project}=={version}.*"
            try:
                (found,) = pip.wheels([*platforms, wanted])
            except ToolError as error:
                raise UnavailableError(
                    f"pip's index has no {wanted} for {system}",
                    tip="Let pip use an index that has it (pip config list), or build with "
                    "nixpkgs: --pkgs nixpkgs",
                ) from error
            if not found.sha256:
                raise UnavailableError(
                    f"pip's index gives no sha256 for {found.filename}",
                    tip="Let pip use an index that does.",
                )
            files[attribute] = WheelFile(found.version, found.filename, found.url, found.sha256)
        return WheelPins(system, files)

    def read_pins(self, path: Path, system: System) -> WheelPins | None:
        """Return the pins at ``path``; None if there are none, or they are of another kind."""
        pins = read_pins(path, system)
        return pins if pins and set(pins.files) == set(self.wanted) else None


def read_pins(path: Path, system: System) -> WheelPins | None:
    """Return the pins at ``path``; None if there are none for ``system`` that can be read."""
    try:
        data: dict[str, Any] = json.loads(read_state_file(path))
        if data["format"] != _FORMAT or data["system"] != system:
            return None
        files = {name: WheelFile(**file) for name, file in data["files"].items()}
    except _UNREADABLE:
        # They are asked for again, which costs a few seconds.
        return None
    return WheelPins(system, files)


def read_wheel_languages(directory: Path = DIRECTORY) -> tuple[WheelLanguage, ...]:
    """Return the languages of the set whose folder has a wheels.json."""
    files = (folder / "wheels.json" for folder in language_directories(directory))
    return tuple(_read(file) for file in files if file.exists())


def _read(file: Path) -> WheelLanguage:
    data = json.loads(file.read_bytes())
    return WheelLanguage(
        name=file.parent.name,
        title=data["title"],
        on=data["on"],
        project=data["project"],
        platforms=data["platforms"],
        wanted={f"{data['attribute']}{version}": version for version in data["versions"]},
    )


class Host:
    """The programs of this machine, as pip is given them."""

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        """Return what ``argv`` prints on standard output."""
        return output(argv, env=env)
