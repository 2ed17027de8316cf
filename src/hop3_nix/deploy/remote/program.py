"""The hop3-nix of a host: the one that came with the closure, or the one that is installed."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix import __version__
from hop3_nix.deploy.artifact import STORE, store_path_of
from hop3_nix.errors import UnavailableError
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from hop3_nix.deploy.remote.connection import Connection

NAME: Final = "hop3-nix"

_VERSION: Final = re.compile(r"^hop3-nix (\S+)$", re.MULTILINE)
_NO_PROGRAM: Final = frozenset({126, 127})
"""What a shell returns for a program that cannot be executed or found (POSIX.1-2017, 2.8.2)."""


@dataclass(frozen=True)
class Program:
    """How hop3-nix is called on a host."""

    command: str
    travels: Path | None = None
    """The store path to copy there first, for it to be there."""


def choose(asked: str = "", *, argv0: str = "") -> Program:
    """Return the program ``asked`` for, else this one if it stands in the store, else by name.

    Raises UnavailableError if what was asked for is in the store, but not in this machine's.
    """
    if asked:
        program = Path(asked)
        if not program.is_relative_to(STORE):
            return Program(asked)
        travels = store_path_of(program)
        if not nixcli.is_valid(travels):
            raise UnavailableError(
                f"--remote-program: this machine does not have {travels}, to copy it along",
                tip="Build it here first, or name a program that the host has.",
            )
        return Program(asked, travels)
    own = Path(argv0 or sys.argv[0]).resolve()
    if own.is_relative_to(STORE) and own.name == NAME:
        return Program(str(own), store_path_of(own))
    return Program(NAME)


def check(connection: Connection, program: Program) -> None:
    """Raise UnavailableError unless the host has ``program``, of this version."""
    if program.travels is not None:
        return
    name = connection.address.name
    done = connection.run(shlex.join([program.command, "--version"]))
    if done.status in _NO_PROGRAM:
        raise UnavailableError(
            f"there is no {program.command} on {name}",
            tip=f"Install hop3-nix {__version__} there, where a shell that ssh starts finds it; "
            "or say where it is: --remote-program PATH. A PATH in the Nix store is copied along.",
        )
    found = _VERSION.search(done.stdout)
    if found is None or found[1] != __version__:
        theirs = f"is version {found[1]}" if found else f"does not say its version: {done.stderr}"
        raise UnavailableError(
            f"{program.command} on {name} {theirs.strip()}; this one is {__version__}",
            tip="Install the same version on both, or name another one: --remote-program PATH",
        )
