"""The programs that are in the store before the set is: each static, from a .deb of its own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hop3_nix.errors import ToolError
from hop3_nix.nix import commands as nixcli
from hop3_nix.packagesets.debian_lock import Seed

if TYPE_CHECKING:
    from hop3_nix.host.process import Runner
    from hop3_nix.packagesets.debian_definition import StaticProgram


class Downloader(Protocol):
    """What `Apt` is to a program."""

    def download(self, suite: str, package: str, directory: Path) -> Path:
        """Return the .deb of ``package``, fetched into ``directory``."""


def add_program(program: StaticProgram, directory: Path, apt: Downloader, *, run: Runner) -> Seed:
    """Unpack ``program`` into the directory of its role, below ``directory``, and add that.

    Raises TemporaryError if it cannot be fetched, ToolError if it is not in its package.
    """
    target = directory / program.role
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        deb = apt.download(program.suite, program.package, Path(scratch))
        unpacked = Path(scratch, "unpacked")
        done = run(["dpkg-deb", "--extract", str(deb), str(unpacked)])
        found = [path for path in unpacked.rglob(f"bin/{program.file}") if path.is_file()]
        if done.status != 0 or not found:
            raise ToolError(
                f"{deb.name} could not be unpacked", output=done.stderr, status=done.status
            )
        target.joinpath("bin").mkdir(parents=True, exist_ok=True)
        # Renamed into place: it may be running.
        fresh = Path(scratch, program.name)
        shutil.copyfile(found[0], fresh)
        fresh.chmod(0o755)
        fresh.replace(target / "bin" / program.name)
    path = nixcli.add(target, run=run)
    return Seed(path=str(path), sha256=nixcli.nar_hash(path, run=run))


def has_program(program: StaticProgram, directory: Path, locked: Seed, *, run: Runner) -> bool:
    """Return whether it is in the store as it is locked, after adding it again if need be."""
    if Path(locked.path).exists():
        return True
    target = directory / program.role
    return target.is_dir() and str(nixcli.add(target, run=run)) == locked.path
