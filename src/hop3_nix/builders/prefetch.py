"""Locked files, fetched and registered before Nix is asked for them.

Nix fetches each by a derivation of its own, which costs some 30 ms of processor time apiece. Here
they come side by side and are registered by one call. The expression stays as it is: what is not
had here, its derivation fetches, and says why if it cannot. A collection of garbage between this
and the build has the same effect (docs/adr/0020-files-are-fetched-before-nix-is-asked.md).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.builders.fixed import FixedFile
from hop3_nix.errors import Hop3NixError
from hop3_nix.nix import commands as nixcli
from hop3_nix.plan import LockedFile
from hop3_nix.progress import Count, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hop3_nix.builders.base import Report
    from hop3_nix.plan import BuildPlan

WORTHWHILE: Final = 2
"""Files that have to be missing; one alone the derivation fetches as fast."""


def prefetch(plan: BuildPlan, directory: Path, report: Report) -> int:
    """Bring the locked files of ``plan`` into the store; return how many were missing and came.

    ``directory`` is where they are put meanwhile.
    """
    missing = [
        file
        for file in {each.store_path: each for each in _files(plan)}.values()
        if file.url.startswith(("https://", "http://")) and not os.path.lexists(file.store_path)
    ]
    if len(missing) < WORTHWHILE:
        return 0
    from hop3_nix.builders.download import Downloads  # noqa: PLC0415 - an HTTP client, rarely

    def tell(downloads: Downloads) -> None:
        report.progress(
            Progress(
                fetches=Count(done=len(downloads.done), expected=len(missing)),
                bytes=Count(done=downloads.bytes),
                fetching=downloads.current,
            )
        )

    directory.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="fetched-", dir=directory))
    try:
        fetched = Downloads(missing, work, tell).run()
        return _register(fetched)
    except (OSError, Hop3NixError):
        # A full disk, say: Nix meets it as well, and knows what to say.
        return 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _register(fetched: Sequence[tuple[FixedFile, Path]]) -> int:
    for algorithm in ("sha256", "sha512"):
        files = [path for file, path in fetched if file.algorithm == algorithm]
        if files:
            nixcli.add_fixed(algorithm, files)
    return len(fetched)


def _files(plan: BuildPlan) -> Iterator[FixedFile]:
    for each in (plan, *(stage.plan for stage in plan.stages)):
        for file in (*each.dependencies, *each.build_dependencies):
            if isinstance(file, LockedFile):
                yield FixedFile.of(file)
