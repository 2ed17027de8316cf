"""What git says belongs to a tree, found out without running it. Standard library only.

The rules are those of ``git ls-files --cached --others --exclude-standard``.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.files.regularfile import Malformed, read_regular
from hop3_nix.source.entries import list_directory
from hop3_nix.source.gitindex import SUBMODULE, find_repository, read_index
from hop3_nix.source.ignore import GIT_IGNORE, IgnoreRules, patterns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.source.gitindex import Repository

_EXCLUDE: Final = ".git/info/exclude"
_MAX_NESTED: Final = 30
_MAX_TEXT: Final = 1 << 20


def git_files(root: str, left_out: Callable[[str], bool], depth: int = 0) -> dict[str, bool] | None:
    """Return the files below ``root`` that git does not ignore, and whether it tracks each.

    Their paths are relative to ``root``.

    Untracked files whose name, or that of a directory that they are in, ``left_out`` tells to
    leave out are not among them; files of submodules and of repositories inside the tree are.
    Some may have been deleted since. None is returned when there is no repository around
    ``root``, or one that tracks nothing below it.
    Raises SourceError if the repository cannot be read or a submodule is not checked out.
    """
    repository = find_repository(root)
    if repository is None:
        return None
    prefix = f"{os.path.relpath(root, repository.top)}/" if root != repository.top else ""
    tracked = {
        entry.name: entry.mode for entry in read_index(repository) if entry.name.startswith(prefix)
    }
    # A repository that tracks nothing yet is one all the same; a directory that somebody's
    # repository merely surrounds is not part of it.
    if prefix and not tracked:
        return None
    files = {name: True for name, mode in tracked.items() if mode != SUBMODULE}
    nested = [name for name, mode in tracked.items() if mode == SUBMODULE]
    for name in _untracked(repository, prefix, left_out):
        if name.endswith("/"):
            nested.append(name[:-1])
        elif name not in tracked:
            files[name] = False
    for name in dict.fromkeys(nested):
        files |= _nested(repository.top, name, left_out, depth + 1)
    return {name.removeprefix(prefix): known for name, known in files.items()}


def _nested(top: str, name: str, left_out: Callable[[str], bool], depth: int) -> dict[str, bool]:
    directory = f"{top}/{name}"
    if not os.path.lexists(directory):
        return {}
    if depth > _MAX_NESTED:
        what = f"more than {_MAX_NESTED} repositories in each other"
        raise SourceError(what, file=name, tip="Take the inner ones out of the tree.")
    there = os.path.lexists(f"{directory}/.git")
    files = git_files(directory, left_out, depth) if there else None
    if files is None:
        raise SourceError(
            "this submodule is not checked out",
            file=name,
            tip=f"Run: git submodule update --init --recursive -- {name}",
        )
    return {f"{name}/{file}": known for file, known in files.items()}


def _untracked(
    repository: Repository, prefix: str, left_out: Callable[[str], bool]
) -> Iterator[str]:
    """Yield what is below ``prefix`` and not ignored, tracked or not; repositories end with /."""
    top = repository.top
    ignored = IgnoreRules()
    weaker = (_of_repository(repository), _of_user())
    above = ""
    for part in prefix.split("/")[:-1]:
        ignored.add_file(top, f"{above}{GIT_IGNORE}")
        above += f"{part}/"
        if _excludes(above, ignored, *weaker):
            return
    pending = [prefix]
    while pending:
        directory = pending.pop()
        entries = list_directory(top, directory)
        if any(entry.name == GIT_IGNORE for entry in entries):
            ignored.add_file(top, directory + GIT_IGNORE)
        for entry in entries:
            is_directory = entry.is_dir(follow_symlinks=False)
            path = f"{directory}{entry.name}/" if is_directory else directory + entry.name
            if entry.name == ".git" or left_out(entry.name) or _is_socket(entry):
                continue
            if _excludes(path, ignored, *weaker):
                continue
            if is_directory and not _is_repository(f"{top}/{directory}{entry.name}"):
                pending.append(path)
            else:
                yield path


def _is_repository(directory: str) -> bool:
    if not os.path.lexists(f"{directory}/.git"):
        return False
    found = find_repository(directory)
    return found is not None and found.top == directory


def _is_socket(entry: os.DirEntry[str]) -> bool:
    """Return whether it is what a running server leaves, which git passes over."""
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return False
    return stat.S_ISSOCK(entry.stat(follow_symlinks=False).st_mode)


def _excludes(path: str, *strongest_first: IgnoreRules) -> bool:
    verdicts = (rules.verdict(path) for rules in strongest_first)
    return next((verdict for verdict in verdicts if verdict is not None), False)


def _of_repository(repository: Repository) -> IgnoreRules:
    rules = IgnoreRules()
    try:
        content = read_regular(Path(repository.common, "info", "exclude"), _MAX_TEXT)
    except (FileNotFoundError, NotADirectoryError):
        return rules
    except (OSError, Malformed) as error:
        tip = "Make it a text file, or remove it."
        raise SourceError(f"cannot be read: {error}", file=_EXCLUDE, tip=tip) from error
    rules.add("", patterns_of(content), file=_EXCLUDE)
    return rules


def _of_user() -> IgnoreRules:
    """Return the rules of the user's own excludes file; what cannot be read has none."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - does not raise without a home
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config", "git")
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    files = [settings / "config", home / ".gitconfig"] if named is None else [Path(named)]
    path = settings / "ignore"
    for file in files:
        if named := _excludes_file(os.fsdecode(_content(file))):
            path = Path(os.path.expanduser(named))  # noqa: PTH111 - as above
    rules = IgnoreRules()
    rules.add("", patterns_of(_content(path)), file=str(path))
    return rules


def _excludes_file(settings: str) -> str:
    """Return ``core.excludesFile`` of git's settings, empty if it is not there."""
    section = found = ""
    for line in map(str.strip, settings.splitlines()):
        key, _, value = line.partition("=")
        if line.startswith("["):
            section = line.lower()
        elif section == "[core]" and key.strip().lower() == "excludesfile":
            found = value.strip().strip('"')
    return found


def _content(file: Path) -> bytes:
    try:
        return read_regular(file, _MAX_TEXT)
    except (OSError, Malformed):
        return b""
