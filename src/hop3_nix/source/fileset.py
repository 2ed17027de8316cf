"""Which files belong to an application (docs/source.md). Imports the standard library only."""

from __future__ import annotations

import os
from typing import Any, Final

from hop3_nix.errors import ConfigError
from hop3_nix.source.entries import HOP3_IGNORE, list_directory, read_content
from hop3_nix.source.gitfiles import git_files
from hop3_nix.source.ignore import GIT_IGNORE, IgnoreRules
from hop3_nix.state import state_dir

CONFIG_FILES: Final = ("hop3/hop3.toml", "hop3.toml")

OURS: Final = frozenset({"BUILD_ARTIFACT.json", "hop3.nix", "hop3/runtime.json"})
"""What says what was built, or how: no application says it of itself."""

NOT_SOURCE: Final = (
    ".direnv",
    ".env",
    ".hg",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".nox",
    ".venv",
    "__pycache__",
    "node_modules",
    "venv",
)
"""Names that are left out wherever they stand, unless git tracks them."""

NOT_SOURCE_SUFFIX: Final = ".pyc"


def list_files(root: str) -> list[str]:
    """Return the paths that belong to the application at ``root``, unsorted, relative to it.

    What they are, and whether each still exists, is not looked at.
    Raises SourceError, or ConfigError if ``[build] ignore`` is not a list of patterns.
    """
    inside_state = _state_prefix(root)
    files = git_files(root, _is_left_out)
    if files is None:
        files = _walk(root, inside_state)
    else:
        rules = IgnoreRules()
        for path in files:
            if path.rpartition("/")[2] == HOP3_IGNORE:
                rules.add_file(root, path)
        files = rules.keep(files)
    inside = (*inside_state, *_environments(files), "hop3-nix/")
    files = [path for path in files if not path.startswith(inside) and path not in OURS]
    return _build_ignore(root, files).keep(files)


def _environments(files: list[str]) -> tuple[str, ...]:
    """Return what the paths inside Python environments start with, whatever those are called."""
    # PEP 405: the file that makes a directory an environment.
    marker = "/pyvenv.cfg"
    return tuple(path[: 1 - len(marker)] for path in files if path.endswith(marker))


def _state_prefix(root: str) -> tuple[str, ...]:
    """Return what the paths inside the state directory start with, if it is below ``root``."""
    state = os.path.realpath(state_dir())
    return (f"{os.path.relpath(state, root)}/",) if state.startswith(f"{root}/") else ()


def _walk(root: str, inside_state: tuple[str, ...]) -> list[str]:
    """Return the files below ``root`` that no ignore file and no name excludes."""
    git_rules, hop3_rules = IgnoreRules(), IgnoreRules()
    files: list[str] = []
    pending = [""]
    while pending:
        directory = pending.pop()
        entries = {
            entry.name: entry.is_dir(follow_symlinks=False)
            for entry in list_directory(root, directory)
        }
        for name, rules in ((GIT_IGNORE, git_rules), (HOP3_IGNORE, hop3_rules)):
            if name in entries:
                rules.add_file(root, directory + name)
        for name, is_directory in entries.items():
            if name == ".git" or _is_left_out(name):
                continue
            path = f"{directory}{name}/" if is_directory else directory + name
            if git_rules.excludes(path) or hop3_rules.excludes(path):
                continue
            if not is_directory:
                files.append(path)
            elif path not in inside_state:
                pending.append(path)
    return files


def _is_left_out(name: str) -> bool:
    return name in NOT_SOURCE or name.endswith(NOT_SOURCE_SUFFIX)


def _build_ignore(root: str, files: list[str]) -> IgnoreRules:
    """Return the rules of ``[build] ignore``; the whole of hop3.toml is read only if need be."""
    rules = IgnoreRules()
    file = next((name for name in CONFIG_FILES if name in files), None)
    if file is None:
        return rules
    # A link inside the tree is followed; what leads out of it, or is no file, is refused later.
    target = os.path.relpath(os.path.realpath(f"{root}/{file}"), root)
    _, data = (not target.startswith("../") and read_content(root, target)) or (None, b"")
    if b"ignore" not in data:
        return rules
    from hop3_nix.tomlfile import key_lines, line_of, parse_toml  # noqa: PLC0415 - rarely needed

    text = data.decode("utf-8", errors="replace")
    build: Any = parse_toml(text, file).get("build")
    patterns = build.get("ignore", []) if isinstance(build, dict) else []
    line = line_of(key_lines(text), ("build", "ignore"))
    if not isinstance(patterns, list) or not all(isinstance(each, str) for each in patterns):
        raise ConfigError(
            "[build] ignore has to be a list of texts",
            file=file,
            line=line,
            tip='Write it like this: ignore = ["*.log", "docs/"]',
        )
    if patterns:
        rules.add("", patterns, file=file, line=line)
    return rules
