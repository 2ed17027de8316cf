"""Which root's apps a systemd manager has: names of units tell apps apart, and no roots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.deploy.services import unitfile

UNIT: Final = "hop3.slice"
"""The control group that those of all apps are in, by their names: systemd.slice(5)."""

KEY: Final = "X-Hop3Root"
"""Settings that begin with X- are not systemd's: systemd.unit(5)."""


def text_of(root: Path) -> str:
    """Return the unit that says that all apps are those of ``root``."""
    shown = unitfile.line(str(root)).replace("%", "%%")
    return f"[Unit]\nDescription=Apps deployed in {shown}\n{KEY}={json.dumps(str(root))}\n"


def claimed_by(directory: Path) -> Path | None:
    """Return the root whose apps have their units in ``directory``, None for nobody's."""
    try:
        lines = (directory / UNIT).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return next(
        (Path(json.loads(line[len(KEY) + 1 :])) for line in lines if line.startswith(f"{KEY}=")),
        None,
    )


def other_than(root: Path, directory: Path) -> Path | None:
    """Return the root that has claimed ``directory`` if it is not ``root``, and has apps still."""
    claimed = claimed_by(directory)
    if claimed is None or claimed.resolve() == root.resolve() or not Layout(claimed).apps():
        return None
    return claimed
