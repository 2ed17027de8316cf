"""Which files belong to an application (docs/source.md). Imports the standard library only."""

from __future__ import annotations

import os
from typing import Any, Final, NamedTuple

from hop3_nix.errors import ConfigError
from hop3_nix.host.state import state_dir
from hop3_nix.source.entries import list_directory, read_content, read_file
from hop3_nix.source.gitfiles import git_files
from hop3_nix.source.ignore import GIT_IGNORE, IgnoreRules
from hop3_nix.source.size import HOP3_IGNORE

CONFIG_FILES: Final = ("hop3/hop3.toml", "hop3.toml")

OURS: Final = frozenset({"BUILD_ARTIFACT.json", "hop3/runtime.json"})
"""What says what was built: no application says it of itself."""

EXPRESSION: Final = "hop3.nix"

MAX_CONFIG: Final = 1 << 20
"""Bytes of hop3.toml, of which every line is looked at in several ways."""

RENDERED: Final = b"# Rendered by hop3-nix "
"""What an expression begins with that was made from the source; any other is the application's."""

NOT_SOURCE: Final = (
    ".direnv",
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


class Listing(NamedTuple):
    """The paths that belong to an application, unsorted, relative to it."""

    files: list[str]
    tracked: frozenset[str]
    """Those of them that git tracks."""
    included: IgnoreRules
    """What ``[build] include`` takes in though it looks like a secret."""


def list_files(root: str) -> Listing:
    """Return the paths that belong to the application at ``root``.

    What they are, and whether each still exists, is not looked at.
    Raises SourceError, or ConfigError if ``[build] ignore`` or ``include`` is not a list of
    patterns.
    """
    inside_state = _state_prefix(root)
    listed = git_files(root, _is_left_out)
    tracked = frozenset(path for path, known in (listed or {}).items() if known)
    if listed is None:
        files = _walk(root, inside_state)
    else:
        rules = IgnoreRules()
        for path in listed:
            if path.rpartition("/")[2] == HOP3_IGNORE:
                rules.add_file(root, path)
        files = rules.keep(listed)
    inside, ours = (*inside_state, *_environments(files)), OURS
    if _is_rendered(root):
        inside, ours = (*inside, "hop3-nix/"), OURS | {EXPRESSION}
    files = [path for path in files if not path.startswith(inside) and path not in ours]
    ignored, included = _build_patterns(root, files)
    return Listing(ignored.keep(files), tracked, included)


def _is_rendered(root: str) -> bool:
    """Return whether there is no expression of the application's own."""
    chunks: list[bytes] = []
    read_file(root, EXPRESSION, lambda chunk: chunks.append(chunk) if not chunks else None)
    return not chunks or chunks[0].startswith(RENDERED)


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


def _build_patterns(root: str, files: list[str]) -> tuple[IgnoreRules, IgnoreRules]:
    """Return the rules of ``[build] ignore`` and ``include``, which are rarely there."""
    rules = {"ignore": IgnoreRules(), "include": IgnoreRules()}
    file = next((name for name in CONFIG_FILES if name in files), None)
    if file is None:
        return rules["ignore"], rules["include"]
    # A link inside the tree is followed; what leads out of it, or is no file, is refused later.
    target = os.path.relpath(os.path.realpath(f"{root}/{file}"), root)
    _, data = (not target.startswith("../") and read_content(root, target, MAX_CONFIG)) or (
        None,
        b"",
    )
    if not any(key.encode() in data for key in rules):
        return rules["ignore"], rules["include"]
    from hop3_nix.files.tomlfile import key_lines, line_of, parse_toml  # noqa: PLC0415 - rarely needed

    text = data.decode("utf-8", errors="replace")
    build: Any = parse_toml(text, file).get("build")
    lines = key_lines(text)
    for key, chosen in rules.items():
        patterns = build.get(key, []) if isinstance(build, dict) else []
        line = line_of(lines, ("build", key))
        if not isinstance(patterns, list) or not all(isinstance(each, str) for each in patterns):
            raise ConfigError(
                f"[build] {key} has to be a list of texts",
                file=file,
                line=line,
                tip=f'Write it like this: {key} = ["*.log", "docs/"]',
            )
        if patterns:
            chosen.add("", patterns, file=file, line=line)
    return rules["ignore"], rules["include"]
