"""What the user sets for a run: ``--env NAME=VALUE`` and ``--env-file FILE``."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from hop3_nix.errors import InputError
from hop3_nix.workers.envfile import EnvFileError, read_variables
from hop3_nix.workers.environment import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_overrides(pairs: Sequence[str] = (), files: Sequence[Path] = ()) -> dict[str, str]:
    """Return what ``files`` and then ``pairs`` (each NAME=VALUE) set; the last one wins.

    Raises InputError for a file that others can read, and for what is not NAME=VALUE.
    """
    overrides: dict[str, str] = {}
    for file in files:
        overrides |= _parse(_read_private(file), str(file))
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not NAME.fullmatch(name):
            raise InputError(f"--env {pair}: not NAME=VALUE", tip="Example: --env DEBUG=1")
        overrides[name] = value
    return overrides


def _read_private(file: Path) -> str:
    """Return the text of ``file``, which may hold secrets and so must be its owner's alone."""
    try:
        with file.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if mode & 0o077:
                raise InputError(
                    f"others can read it (mode {mode:04o}), and it may hold secrets",
                    file=str(file),
                    tip=f"chmod 600 {file}",
                )
            return stream.read().decode()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", file=str(file), tip="Check --env-file."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", file=str(file), tip="Save it as UTF-8.") from error


def _parse(text: str, file: str) -> dict[str, str]:
    try:
        return read_variables(text)
    except EnvFileError as error:
        raise InputError(error.what, file=file, line=error.line, tip=error.tip) from error
