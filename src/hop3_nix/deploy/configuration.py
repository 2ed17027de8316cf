"""The variables that an app is started with: stored beside its releases, never in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.place import STATE_VARIABLE
from hop3_nix.errors import ArtifactCorruptError, InputError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.statefile import read_state_file
from hop3_nix.workers.envfile import read_variables, write_variables
from hop3_nix.workers.environment import APP_DIR, KEEP, NAME, PORT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PRIVATE: Final = 0o600

OURS: Final = {
    PORT: "Each instance gets its own. The port that clients use: hop3-nix deploy --listen PORT",
    STATE_VARIABLE: "The service manager has one directory for each app.",
    APP_DIR: "The app's tree is in its artifact, or a copy that is made of it.",
    KEEP: "What is set here goes before what the app sets, without being named.",
}
"""What every process is given, and what to do instead of setting it."""


def read_environment(file: Path) -> dict[str, str]:
    """Return the variables in ``file``, none if it is not there.

    The text is what systemd.exec(5) takes as EnvironmentFile. Raises ArtifactCorruptError.
    """
    try:
        return read_variables(read_state_file(file).decode())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise _corrupt(file, str(error)) from error


def write_environment(file: Path, values: Mapping[str, str]) -> None:
    """Write ``values`` to ``file`` in one step; only its owner can read it. Raises OSError."""
    write_text_atomic(file, write_variables(values), mode=PRIVATE)


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """Return ``values`` if an app can be given them. Raises InputError."""
    for name, value in values.items():
        if not NAME.fullmatch(name):
            raise InputError(
                f"{name!r} is not the name of a variable", tip="Letters, digits and _: NAME=VALUE"
            )
        if name in OURS:
            raise InputError(f"{name} is set by hop3-nix itself", tip=OURS[name])
        if "\0" in value:
            raise InputError(f"the value of {name} holds a NUL byte", tip="No variable can.")
    return dict(values)


def _corrupt(file: Path, problem: str) -> ArtifactCorruptError:
    return ArtifactCorruptError(
        f"not what hop3-nix wrote: {problem}",
        file=str(file),
        tip="Restore it from a backup, or remove it and set the variables again: "
        "hop3-nix config set",
    )
