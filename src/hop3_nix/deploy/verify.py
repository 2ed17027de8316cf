"""Whether an artifact is still what was built, and all there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix import nixcli
from hop3_nix.contract import RUNTIME_FILE, read_runtime
from hop3_nix.deploy.artifact import STORE
from hop3_nix.errors import ArtifactCorruptError, ArtifactTamperedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hop3_nix.deploy.artifact import Located

STORE_PATH: Final = re.compile(re.escape(str(STORE)) + r"/[0-9a-z]{32}-[A-Za-z0-9+._?=-]+")
"""A store path in a text; the Nix manual, "Store Path", has the characters of its name."""

PATH_ENDS: Final = r"[^\s'\"\\:;,|&<>()`]*"
"""What a path in a command line goes on with, quotes and operators of the shell aside."""

EXPANDED: Final = re.compile(r"[$*?\[{]")
"""Characters that make a shell read something else than what stands there."""

REBUILD: Final = "Build the app again: hop3-nix build --rebuild APP"


@dataclass(frozen=True)
class Verified:
    """What was looked at, all of it found to be right."""

    paths: int
    """Store paths of the closure; 0 for a local artifact."""
    contents: bool
    """Whether every file of them was read and compared with what was built."""


def verify(located: Located, *, contents: bool = True) -> Verified:
    """Return what was verified of the artifact.

    For a store path: each path of its closure is known to the store, there and, with
    ``contents``, unchanged, and it names no other. For a local artifact: the files it names are
    there. Raises ArtifactTamperedError or ArtifactCorruptError, and UnavailableError without Nix.
    """
    if located.location.parent != STORE:
        _agrees_with_result(located)
        _has_files(located)
        return Verified(paths=0, contents=False)
    if not nixcli.is_valid(located.location):
        raise ArtifactTamperedError(
            f"the Nix store does not know {located.location}",
            tip="Build the app again, or copy the path here with `nix copy`.",
        )
    closure = nixcli.closure(located.location)
    _refuse("is gone", [path for path in closure if not path.exists()])
    if contents:
        _refuse("is not what was built: somebody changed it in the store", nixcli.verify(closure))
    # After the contents: a result that was changed cannot tell what the record should say.
    _agrees_with_result(located)
    _names_only(located, closure)
    return Verified(paths=len(closure), contents=contents)


def _agrees_with_result(located: Located) -> None:
    """Compare the record of a build, which can be edited, with what lies in the result."""
    runtime = located.location / RUNTIME_FILE
    recorded = located.artifact.runtime
    if runtime.exists() and runtime != located.file and read_runtime(runtime) != recorded:
        raise ArtifactCorruptError(
            f"its runtime section is not that of {runtime}", file=str(located.file), tip=REBUILD
        )


def _refuse(what: str, paths: Iterable[Path]) -> None:
    wrong = sorted(map(str, paths))
    if wrong:
        raise ArtifactTamperedError(
            f"{', '.join(wrong)} {what}",
            tip=f"Have Nix build it again: {nixcli.repair_command(wrong)}",
        )


def _names_only(located: Located, closure: Iterable[Path]) -> None:
    known = {str(path) for path in closure}
    for name in sorted(set(STORE_PATH.findall(located.artifact.runtime.to_json()))):
        if name not in known and name.rstrip(".?=") not in known:
            raise ArtifactCorruptError(
                f"names {name}, which is not in its closure", file=str(located.file), tip=REBUILD
            )


def _has_files(located: Located) -> None:
    runtime, location = located.artifact.runtime, str(located.location)
    inside = re.compile(rf"{re.escape(location)}(?:/{PATH_ENDS})?(?![\w.+-])")
    texts = [*runtime.workers.values(), *runtime.before_run, *runtime.env_vars.values()]
    named = {found for text in texts for found in inside.findall(text)}
    named |= {runtime.working_dir, *runtime.path_prepend, runtime.writable_tree}
    for name in sorted(named - {""}):
        written = runtime.writable_tree and name.startswith(f"{runtime.writable_tree}/")
        if not written and not EXPANDED.search(name) and not (located.location / name).exists():
            raise ArtifactCorruptError(
                f"names {name}, which does not exist", file=str(located.file), tip=REBUILD
            )
