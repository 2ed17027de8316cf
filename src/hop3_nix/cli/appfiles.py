"""Files that must not become part of what is built, where everybody can read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.errors import InputError
from hop3_nix.source import Source
from hop3_nix.source.fileset import list_files

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def is_source(app: Path, file: Path) -> bool:
    """Return whether ``file`` is among those that a build of ``app`` takes in.

    Raises SourceError or ConfigError if an ignore file of the app cannot be read.
    """
    root = app.resolve()
    if not file.resolve().is_relative_to(root):
        return False
    names = (n for n in list_files(str(root)).files if (root / n).resolve() == file.resolve())
    name = next(names, None)
    # What looks like a secret is read to tell, and only then.
    return name is not None and name not in Source.open(root).left_out


def keep_out(app: Path, secrets: Iterable[Path]) -> None:
    """Raise InputError if a build of ``app`` would take in one of the files ``secrets``."""
    for file in secrets:
        if is_source(app, file):
            raise InputError(
                "it is among the files of the app, and everybody can read what is built of them",
                file=str(file),
                tip="Leave it out by a line in .hop3ignore, or keep it somewhere else.",
            )
