"""Node for the Debian set: the project's builds, which are wheels of an index that pip asks."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.errors import ToolError, UnavailableError
from hop3_nix.process import output
from hop3_nix.resources import NIX
from hop3_nix.toolchains.python.pip import pip_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.packagesets.system import System
    from hop3_nix.toolchains.base import Runs

LANGUAGE: Final = "node"

_FORMAT: Final = 1
_DEFINITION: Final = NIX / "debian" / "nodejs.json"
_SLIM, _FULL = "nodejs-slim", "nodejs"


@dataclass(frozen=True, slots=True)
class NodejsFile:
    """The wheel that one version of Node is in; ``sha256`` is in hex."""

    version: str
    filename: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NodejsPins:
    """Which files the versions of Node are made of, by the attribute that has npm beside Node."""

    system: str
    files: Mapping[str, NodejsFile]

    def versions(self) -> dict[str, str]:
        """Return the version of each attribute that has Node alone, which is what apps run on."""
        return {
            attribute.replace(_FULL, _SLIM, 1): file.version
            for attribute, file in self.files.items()
        }

    def to_json(self) -> str:
        """Return the text of nodejs.json; equal pins, equal text."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=1, sort_keys=True) + "\n"


class _Host:
    """The programs of this machine, as pip is given them."""

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        return output(argv, env=env)


def nodejs_attributes() -> tuple[str, ...]:
    """Return the names under which the set has Node, those of nixpkgs."""
    suffixes = ("", *(f"_{major}" for major in _definition()["majors"]))
    return tuple(f"{name}{suffix}" for name in (_FULL, _SLIM) for suffix in suffixes)


def pin_nodejs(system: System, tools: Runs | None = None) -> NodejsPins:
    """Return the newest build of each major version, as pip finds it in the user's indexes.

    Raises TemporaryError if no index can be reached, UnavailableError if it has no such build.
    """
    definition = _definition()
    pip = pip_for(Path(sys.executable), tools or _Host())
    platforms = [f"--platform={name}" for name in definition["platforms"][system]]
    files = {}
    for major in definition["majors"]:
        wanted = f"{definition['project']}=={major}.*"
        try:
            (found,) = pip.resolve(["--no-deps", "--only-binary=:all:", *platforms, wanted])
        except ToolError as error:
            raise UnavailableError(
                f"pip's index has no {wanted} for {system}",
                tip="Let pip use an index that has it (pip config list), or build with nixpkgs: "
                "--pkgs nixpkgs",
            ) from error
        if not found.sha256:
            raise UnavailableError(
                f"pip's index gives no sha256 for {found.filename}",
                tip="Let pip use an index that does.",
            )
        files[f"{_FULL}_{major}"] = NodejsFile(
            found.version, found.filename, found.url, found.sha256
        )
    return NodejsPins(system, files)


def read_pins(path: Path, system: System) -> NodejsPins | None:
    """Return the pins at ``path``; None if there are none, or they are of another kind."""
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        if data["format"] != _FORMAT or data["system"] != system:
            return None
        files = {name: NodejsFile(**file) for name, file in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # They are asked for again, which costs a few seconds.
        return None
    known = {f"{_FULL}_{major}" for major in _definition()["majors"]}
    return NodejsPins(system, files) if set(files) == known else None


def _definition() -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(_DEFINITION.read_bytes())
    return definition
