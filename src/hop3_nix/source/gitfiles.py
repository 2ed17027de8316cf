"""What git says belongs to a tree. Imports the standard library only, as source.py does.

This module and process.py alone start processes: a build of an unchanged source goes through
here, and importing ``sh`` would cost it 60 ms.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SUBMODULE: Final = b"160000"
_UNTRACKED: Final = b"?"

# A git hook has these set for its own repository; they would override the directory asked about.
_REPOSITORY_VARIABLES: Final = frozenset(
    {
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_WORK_TREE",
    }
)


def git_files(root: str, leave_out: Iterable[str]) -> list[str] | None:
    """Return the files below ``root`` that git tracks or does not ignore, relative to it.

    Untracked files that match a pattern of ``leave_out`` are not among them; files of submodules
    and of repositories inside the tree are. Some may have been deleted since. None is returned
    when there is no git, no repository around ``root``, or one that tracks nothing below it.
    Raises SourceError if git fails or a submodule is not checked out.
    """
    patterns = tuple(leave_out)
    if not any(
        os.path.lexists(directory / ".git") for directory in (Path(root), *Path(root).parents)
    ):
        return None
    listing = _list(root, patterns)
    if listing is None:
        return None
    files: list[str] = []
    # A repository that tracks nothing yet is one all the same; a directory that somebody's
    # repository merely surrounds is not part of it.
    tracks = os.path.lexists(f"{root}/.git")
    for tag, mode, name in _records(listing):
        tracks = tracks or tag != _UNTRACKED
        if mode == _SUBMODULE or name.endswith("/"):
            files += _nested(root, name.rstrip("/"), patterns)
        else:
            files.append(name)
    return files if tracks else None


def _nested(root: str, name: str, leave_out: tuple[str, ...]) -> Iterator[str]:
    directory = f"{root}/{name}"
    if not os.path.lexists(directory):
        return
    files = git_files(directory, leave_out) if os.path.lexists(f"{directory}/.git") else None
    if files is None:
        raise SourceError(
            "this submodule is not checked out",
            file=name,
            tip=f"Run: git submodule update --init --recursive -- {name}",
        )
    yield from (f"{name}/{file}" for file in files)


def _records(listing: bytes) -> Iterator[tuple[bytes, bytes, str]]:
    """Yield tag, mode (empty for an untracked file) and name, from ``git ls-files -z -t -s``."""
    for record in listing.split(b"\0")[:-1]:
        tag, _, rest = record.partition(b" ")
        if tag == _UNTRACKED:
            yield tag, b"", os.fsdecode(rest)
        else:
            stage, _, name = rest.partition(b"\t")
            yield tag, stage[:6], os.fsdecode(name)


def _list(root: str, leave_out: tuple[str, ...]) -> bytes | None:
    import subprocess  # noqa: PLC0415 - only a tree with a repository around it needs it

    environment = {
        name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES
    }
    # A file system monitor is a program that the repository's own configuration names.
    argv = ["git", "-c", "core.fsmonitor=false", "-C", root, "ls-files", "-z", "-t", "-s"]
    argv += ["--cached", "--others", "--exclude-standard"]
    argv += [f"--exclude={pattern}" for pattern in leave_out]
    try:
        done = subprocess.run(
            argv,
            env={**environment, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    if done.returncode == 0:
        return done.stdout
    message = os.fsdecode(done.stderr).strip()
    if "(or any" in message:
        # git's words for: what is called .git here is not a repository.
        return None
    raise SourceError(
        f"git cannot list the files: {message}",
        file=root,
        tip="Repair the repository so that 'git status' works here, or build a copy without .git.",
    )
