"""What builds were made of is looked at afterwards, where a build step could have changed it.

A user who owns the store builds as that user (docs/security.md), and the sandbox shows a build its
inputs as they are in the store. Whoever else builds cannot write them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hop3_nix.errors import ArtifactTamperedError, Hop3NixError
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.nix.log import NixLog


@contextmanager
def compared(log: NixLog, root: Path | None = None) -> Iterator[None]:
    """Compare the inputs of the builds that ``log`` tells of with their hashes, however they end.

    Raises ArtifactTamperedError, after deleting what was built of them; ``root`` kept it.
    """
    try:
        yield
    finally:
        if os.geteuid() != 0 and nixcli.owns_store():
            _compare(log.derivations, root)


def _compare(derivations: tuple[str, ...], root: Path | None) -> None:
    if not derivations:
        return
    changed = nixcli.verify(_inputs(derivations))
    if not changed:
        return
    if root is not None:
        root.unlink(missing_ok=True)
    # Else the next build takes it for good. Something else may keep some of it.
    with suppress(Hop3NixError):
        made = map(Path, nixcli.query("--outputs", *derivations))
        nixcli.delete([path for path in made if os.path.lexists(path)])
    names = [str(path) for path in changed]
    raise ArtifactTamperedError(
        f"a build step has changed what it was built from: {', '.join(names)}",
        tip="What it built is not used. Have Nix make those again before anything else is built or "
        f"run: {nixcli.repair_command(names)}",
    )


def _inputs(derivations: tuple[str, ...]) -> list[Path]:
    """Return every store path that the builds of ``derivations`` could see."""
    named = nixcli.query("--references", *derivations)
    made = [name for name in named if name.endswith(".drv")]
    seeds = {name for name in named if not name.endswith(".drv")}
    seeds |= set(nixcli.query("--outputs", *made) if made else ())
    there = [seed for seed in sorted(seeds) if os.path.lexists(seed)]
    return [Path(name) for name in (nixcli.query("--requisites", *there) if there else ())]
