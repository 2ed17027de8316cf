"""The examples: where they are, what they say of themselves, and copies that can be built."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.plan import Dependency, LockedFile

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan

ROOT: Final = Path(__file__).parent.parent

EXAMPLES: Final = sorted(file.parent for file in (ROOT / "examples").glob("*/expect.toml"))


def expected(example: Path) -> dict[str, Any]:
    """Return what building and running ``example`` must show."""
    return tomllib.loads((example / "expect.toml").read_text())


def copy_example(example: Path, to: Path) -> Path:
    """Return ``to``, made a copy of ``example`` with what its ``prepare`` puts into it."""
    shutil.copytree(_prepared(example), to)
    return to


def outline(example: Path, to: Path) -> Path:
    """Return ``to``, made a copy in which the files that ``prepare`` makes are there, but empty.

    That is enough for a plan, which reads none of them.
    """
    shutil.copytree(example, to)
    for name in expected(example).get("made", []):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).touch()
    return to


def at_example_addresses(plan: BuildPlan) -> BuildPlan:
    """Return ``plan`` with its files where no test asks for them; nobody has to be asked where."""
    stages = (
        stage.model_copy(update={"plan": at_example_addresses(stage.plan)}) for stage in plan.stages
    )
    return plan.model_copy(
        update={
            "dependencies": tuple(map(_at_example_address, plan.dependencies)),
            "build_dependencies": tuple(map(_at_example_address, plan.build_dependencies)),
            "stages": tuple(stages),
        }
    )


def _at_example_address(file: Dependency) -> LockedFile:
    """Return ``file`` with an address that no test asks."""
    if isinstance(file, LockedFile):
        return file
    filename = file.filename or f"{file.name}-{file.version}.whl"
    return LockedFile(
        name=file.name,
        version=file.version,
        filename=filename,
        url=f"https://index.example/{filename}",
        sha256=file.sha256[0] if file.sha256 else "",
        integrity=file.integrity,
    )


@cache
def _prepared(example: Path) -> Path:
    program = expected(example).get("prepare")
    if program is None:
        return example
    directory = Path(tempfile.mkdtemp(prefix="hop3-nix-examples-"))
    atexit.register(shutil.rmtree, directory)
    copy = shutil.copytree(example, directory / example.name)
    subprocess.run([ROOT / program, copy], check=True)
    return copy
