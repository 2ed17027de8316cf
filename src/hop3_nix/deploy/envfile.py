"""What the user sets for a run: ``--env NAME=VALUE`` and ``--env-file FILE``."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""A name that a shell can set (POSIX.1-2017, 3.235)."""


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
    """Return the variables of lines NAME=VALUE; nothing in a value is expanded."""
    values: dict[str, str] = {}
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.removeprefix("export ").partition("=")
        if not equals or not NAME.fullmatch(name):
            # The line itself is not shown: a secret may have slipped out of its place.
            raise InputError(
                "not NAME=VALUE", file=file, line=number, tip="Write NAME=VALUE, or # a comment."
            )
        value = value.strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        values[name] = value[1:-1] if quoted else value
    return values
