"""Whether an artifact is still what was built, and all there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix.contract import RUNTIME_FILE, read_runtime
from hop3_nix.deploy.artifact import locate
from hop3_nix.deploy.place import is_checked, mark_checked
from hop3_nix.deploy.rules import check_runtime
from hop3_nix.errors import ArtifactCorruptError, ArtifactTamperedError
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hop3_nix.deploy.artifact import Located

Contents = Literal["all", "new"]
"""Which store paths to read: all, or those that were not read on this machine before."""

CONTENTS: Final = "contents"

PATH_ENDS: Final = r"[^\s'\"\\:;,|&<>()`]*"
"""What a path in a command line goes on with, quotes and operators of the shell aside."""

EXPANDED: Final = re.compile(r"[$*?\[{]")
"""Characters that make a shell read something else than what stands there."""

NAMED: Final = 5
"""Files that are named of those that a repair would delete."""

OF_NIX: Final = 1_000_000_000
"""The time of all that Nix has put into the store, in nanoseconds."""

REBUILD: Final = "Build the app again: hop3-nix build --rebuild APP"


@dataclass(frozen=True)
class Verified:
    """What was looked at, all of it found to be right."""

    paths: int
    """Store paths of the closure; 0 for a local artifact."""
    read: int
    """How many of them were read, and each file compared with what was built."""


def take(location: Path) -> Located:
    """Return the artifact that the store path ``location`` is, once it may be used here.

    Its rules are looked at, and the contents of what this machine has not read before. Raises as
    `locate` and `verify` do.
    """
    located = locate(location)
    verify(located, contents="new")
    return located


def verify(located: Located, *, contents: Contents = "all") -> Verified:
    """Return what was verified of the artifact.

    For a store path: each path of its closure is known to the store, there and, as far as
    ``contents`` says, unchanged, and it uses no other. For a local artifact: the files it names
    are there. Raises ArtifactTamperedError or ArtifactCorruptError, and UnavailableError without
    Nix.
    """
    if not located.in_store:
        _agrees_with_result(located)
        _has_files(located)
        return Verified(paths=0, read=0)
    if not nixcli.is_valid(located.location):
        raise ArtifactTamperedError(
            f"the Nix store does not know {located.location}",
            tip="Build the app again, or copy the path here with `nix copy`.",
        )
    closure = nixcli.closure(located.location)
    _refuse("is gone", [path for path in closure if not path.exists()])
    read = [path for path in closure if contents == "all" or not is_checked(str(path), CONTENTS)]
    if read:
        _refuse("is not what was built: somebody changed it in the store", nixcli.verify(read))
        for path in read:
            mark_checked(str(path), CONTENTS)
    # After the contents: a result that was changed cannot tell what the record should say.
    _agrees_with_result(located)
    if not located.trusted:
        check_runtime(located.artifact.runtime, located.location, closure)
    return Verified(paths=len(closure), read=len(read))


def _agrees_with_result(located: Located) -> None:
    """Compare the record of a build, which can be edited, with what lies in the result."""
    runtime = located.location / RUNTIME_FILE
    recorded = located.artifact.runtime
    if runtime.exists() and runtime != located.file and read_runtime(runtime) != recorded:
        raise ArtifactCorruptError(
            f"its runtime section is not that of {runtime}", file=str(located.file), tip=REBUILD
        )


def _refuse(what: str, paths: Iterable[Path]) -> None:
    paths = sorted(paths)
    wrong = list(map(str, paths))
    if wrong:
        lost = [str(file) for path in paths for file in written_later(path)]
        rest = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
        loses = (
            f"What was written there would be deleted: {', '.join(lost[:NAMED])}{rest}. Copy away "
            "what you need. "
        )
        raise ArtifactTamperedError(
            f"{', '.join(wrong)} {what}",
            tip=f"{loses if lost else ''}Have Nix build it again: {nixcli.repair_command(wrong)}",
        )


def written_later(path: Path) -> list[Path]:
    """Return what somebody has put into the store path ``path``, or changed in it.

    Whatever Nix has put there has the time 1 (the Nix manual, "nix-store --optimise").
    """
    if not path.is_dir() or path.is_symlink():
        return []
    return [
        Path(directory, name)
        for directory, _, names in os.walk(path)
        for name in sorted(names)
        if os.lstat(os.path.join(directory, name)).st_mtime_ns > OF_NIX  # noqa: PTH118 - many
    ]


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
