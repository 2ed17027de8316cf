"""The copy of a tree that an app insists on writing to (``writable_tree`` of the contract)."""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.confinement import Confinement, within
from hop3_nix.errors import ArtifactCorruptError, InputError, TemporaryError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.state import lock

if TYPE_CHECKING:
    from hop3_nix.contract import RuntimeConfig

PLAIN: Final = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
"""Paths that stand in a command line as they are."""


COPY: Final = "tree"
"""The name of the copy in the state directory."""


def materialise(
    runtime: RuntimeConfig, state: Path, confinement: Confinement | None = None
) -> tuple[RuntimeConfig, str]:
    """Copy the writable tree to ``state``/tree, unless it was copied before.

    Returns the configuration with every mention of the tree pointing to the copy, and a note for
    the user when the copy is of another build ("" otherwise). Copied once, as Hop3 does: what
    the app wrote into it outlives the next build. It is copied in the confines of the app, because
    the app may have left a link there to what is not its own. Raises ArtifactCorruptError,
    InputError or TemporaryError.
    """
    original = runtime.writable_tree.rstrip("/")
    copy = state / COPY
    if not PLAIN.fullmatch(str(copy)):
        raise InputError(
            f"{copy} cannot hold the app's writable tree: command lines that name it would "
            "break at its special characters",
            tip="Give a directory with a plain name: --state-dir DIR",
        )
    note = within(confinement or Confinement(), lambda: _copied(original, state))
    return pointed_to(runtime, str(copy)), note


def _copied(original: str, state: Path) -> str:
    """Copy the tree unless there is a copy, and return a note if that is of another build."""
    copy, origin = state / COPY, state / "tree.origin"
    with lock(state / "tree.lock", f"the copy of {original}"):
        if not copy.is_dir():
            _copy(Path(original), copy)
            write_text_atomic(origin, f"{original}\n")
        copied_from = origin.read_text().rstrip("\n") if origin.exists() else ""
    if copied_from == original:
        return ""
    return (
        f"{copy} was copied from {copied_from or 'an unknown build'} and is kept as it is; "
        f"to take the tree of this build, move {copy} away"
    )


def _copy(original: Path, copy: Path) -> None:
    if not original.is_dir():
        raise ArtifactCorruptError(
            f"the artifact names a writable tree that does not exist: {original}",
            tip="Build the app again.",
        )
    partial = copy.with_name("tree.partial")
    _remove(partial)
    try:
        shutil.copytree(original, partial, symlinks=True)
        _make_writable(partial)
        partial.rename(copy)
    except (OSError, shutil.Error) as error:
        _remove(partial)
        raise TemporaryError(
            f"{original} could not be copied to {copy}: {error}",
            tip="Make room, or give another directory: --state-dir DIR",
        ) from error


def _remove(directory: Path) -> None:
    if directory.exists():
        _make_writable(directory)
        shutil.rmtree(directory)


def _make_writable(directory: Path) -> None:
    """Let the owner write, as nobody may in a store."""
    for root, _, files in os.walk(directory):
        for path in (Path(root), *(Path(root, name) for name in files)):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IWUSR)


def pointed_to(runtime: RuntimeConfig, copy: str) -> RuntimeConfig:
    """Return ``runtime`` with every mention of its writable tree pointing to ``copy``."""
    original = runtime.writable_tree.rstrip("/")
    mention = re.compile(re.escape(original) + r"(?![\w.+-])")

    def moved(text: str) -> str:
        return mention.sub(lambda _: copy, text)

    def each(texts: dict[str, str]) -> dict[str, str]:
        return {key: moved(text) for key, text in texts.items()}

    return runtime.model_copy(
        update={
            "env_vars": each(runtime.env_vars),
            "path_prepend": [moved(path) for path in runtime.path_prepend],
            "working_dir": moved(runtime.working_dir),
            "workers": each(runtime.workers),
            "before_run": [moved(line) for line in runtime.before_run],
            "static_paths": each(runtime.static_paths),
        }
    )
