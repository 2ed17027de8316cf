"""The release directories of an application that is built without Nix.

What is installed there names its own path (a venv does), so a release is made in place, under
its final name. One without BUILD_ARTIFACT.json, which is written last, is not complete.
"""

from __future__ import annotations

import itertools
import os
import shutil
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.contract import ARTIFACT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT: Final = 3
"""Complete releases that are kept, the newest included."""

RELEASES: Final = "releases"

KEPT_BY: Final = "kept-by"
"""A directory beside the releases, with one for each: while a link in it leads anywhere, the
release is deployed there."""


@contextmanager
def new_release(state: Path, build_id: str) -> Iterator[Path]:
    """Give a new, empty directory for a release; it is removed if what happens inside fails.

    What an earlier build left incomplete is removed first, which takes the application's lock.
    """
    releases = state / RELEASES
    releases.mkdir(parents=True, exist_ok=True)
    for other in releases.iterdir():
        if not is_complete(other):
            remove(other)
    release = next(path for path in _names(releases / build_id) if not path.exists())
    release.mkdir()
    try:
        yield release
    except BaseException:
        remove(release)
        raise


def is_complete(release: Path) -> bool:
    """Return whether the release was finished."""
    return (release / ARTIFACT_FILE).is_file()


def prune(state: Path) -> None:
    """Remove all releases but the newest, and those that are deployed."""
    releases = sorted(
        (state / RELEASES).iterdir(),
        key=lambda release: (release / ARTIFACT_FILE).stat().st_mtime_ns,
        reverse=True,
    )
    for release in releases[KEPT:]:
        if not is_deployed(release):
            remove(release)


def is_deployed(release: Path) -> bool:
    """Return whether a deployed app needs the release."""
    marks = release.parents[1] / KEPT_BY / release.name
    return marks.is_dir() and any(mark.exists() for mark in marks.iterdir())


def remove(directory: Path) -> None:
    """Remove ``directory``, also where directories in it are read-only."""
    for parent, names, _files in os.walk(directory):
        for path in (Path(parent, name) for name in names):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IRWXU)
    shutil.rmtree(directory)


def _names(path: Path) -> Iterator[Path]:
    yield path
    yield from (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
