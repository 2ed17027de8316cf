"""The directories of its tree that an app writes to (``[run] writable``).

They live in the app's state directory, so that they are kept over releases, and are mounted at
their places in the tree, so that the app finds them there by whatever path it takes.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.contract import WRITABLE_FILE, read_writable
from hop3_nix.errors import ArtifactCorruptError, TemporaryError
from hop3_nix.files.resources import NIX

if TYPE_CHECKING:
    from hop3_nix.deploy.artifact import Located

PLACE: Final = "writable"

COPY: Final = NIX / "nixos/copy_writable.sh"
"""Shell that does what `Writable.make` does, where a service manager has to run it."""


@dataclass(frozen=True)
class Writable:
    """One directory: where it lives, and where the app finds it."""

    kept: Path
    place: Path

    def make(self) -> str:
        """Copy what the build has there, unless that was done before; a directory is whole or not.

        Raises TemporaryError. Returns nothing that anybody needs.
        """
        partial = self.kept.with_name(f"{self.kept.name}.partial")
        if self.kept.exists():
            return ""
        try:
            if partial.exists():
                shutil.rmtree(partial)
            self.kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copytree(self.place, partial, symlinks=True)
            for path in (partial, *partial.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o200)
            partial.rename(self.kept)
        except (OSError, shutil.Error) as error:
            raise TemporaryError(
                f"{self.place} could not be copied to {self.kept}: {error}",
                tip="Make room, or give another directory: --state-dir DIR",
            ) from error
        return ""


def writable_of(located: Located, state: Path) -> tuple[Writable, ...]:
    """Return the directories that the app writes to. Raises ArtifactCorruptError."""
    file = located.location / WRITABLE_FILE
    names = read_writable(file)
    tree = Path(located.artifact.runtime.working_dir)
    found = []
    for name in names:
        place = tree / name
        if not place.is_dir() or place.resolve() != tree.resolve() / name:
            raise ArtifactCorruptError(
                f"the app's tree has no directory {name}", file=str(file), tip="Build it again."
            )
        found.append(Writable(state / PLACE / name, place))
    return tuple(found)
