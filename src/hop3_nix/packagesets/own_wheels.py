"""Where the wheels are that hop3-nix itself is made of, for a package set that has none of them.

nix/package.lock pins them and has no addresses; pip is asked for those, in the user's own indexes.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from hop3_nix.errors import LockError, ToolError, UnavailableError
from hop3_nix.files.resources import NIX
from hop3_nix.locks.hashlock import parse
from hop3_nix.packagesets.wheels import Host
from hop3_nix.toolchains.python.pip import last_error, pip_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.locks.base import TargetPython
    from hop3_nix.locks.hashlock import HashLock
    from hop3_nix.plan import Dependency
    from hop3_nix.toolchains.base import Runs
    from hop3_nix.toolchains.python.pip import Found

LOCK: Final = NIX / "package.lock"
FILE: Final = "hop3-nix.json"
"""The name of the file with the addresses, among the pins of a set."""


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A wheel, as ``fetchLocked`` of the Nix library takes it; ``sha256`` is in hex."""

    name: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OwnWheels:
    """What nix/package.nix reads: the interpreter's attribute, and the wheels of both kinds."""

    interpreter: str
    files: tuple[OwnFile, ...]
    build: tuple[OwnFile, ...]

    def to_json(self) -> str:
        """Return the text of the file; equal wheels, equal text."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def read_own_lock(path: Path = LOCK) -> HashLock:
    """Return the lock of hop3-nix's own dependencies."""
    return parse(path.read_text(encoding="utf-8"), str(path))


def locate_own_wheels(lock: HashLock, tools: Runs | None = None) -> OwnWheels:
    """Return what ``lock`` pins, with the addresses that pip's indexes have for it.

    Raises TemporaryError if no index can be reached, UnavailableError if it has not these files.
    """
    wanted = {(file.name, file.version) for file in (*lock.packages, *lock.build)}
    pins = sorted(f"{name}=={version}" for name, version in wanted)
    try:
        pip = pip_for(Path(sys.executable), tools or Host())
        found = pip.wheels([*_for_target(lock.python), *pins])
    except (ToolError, LockError) as error:
        reason = last_error(error.output) if isinstance(error, ToolError) else error.message
        raise UnavailableError(
            f"pip's index does not have what hop3-nix is made of: {reason}",
            tip="Let pip use an index that has it (pip config list).",
        ) from error
    by_name: dict[str, Found] = {canonicalize_name(file.name): file for file in found}
    major, minor = lock.python.release
    return OwnWheels(
        interpreter=f"python{major}{minor}",
        files=tuple(_located(file, by_name) for file in lock.packages),
        build=tuple(_located(file, by_name) for file in lock.build),
    )


def _for_target(python: TargetPython) -> list[str]:
    """Return pip's options for wheels that ``python`` accepts, whatever runs pip."""
    tags = python.tags()
    return [
        f"--python-version={python.version}",
        "--implementation=cp",
        *(f"--abi={abi}" for abi in dict.fromkeys(tag.abi for tag in tags)),
        *(f"--platform={platform}" for platform in dict.fromkeys(tag.platform for tag in tags)),
    ]


def _located(file: Dependency, found: Mapping[str, Found]) -> OwnFile:
    offered = found[canonicalize_name(file.name)]
    if offered.sha256 not in file.sha256:
        raise UnavailableError(
            f"hop3-nix was made with {file.name} {file.version} of another digest than that of "
            f"{offered.filename} in pip's index",
            tip="Let pip use the index that the published packages are in (pip config list).",
        )
    return OwnFile(offered.filename, offered.url, offered.sha256)
