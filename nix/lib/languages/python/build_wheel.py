# ruff: noqa: INP001 - a program that Nix runs by its path
"""``build_wheel.py PIP PYTHON SOURCE OUT``: build a wheel with the project's own PEP 517 backend.

SOURCE is a source distribution or a project's directory; PYTHON is that of an environment with the
backend and its requirements. OUT gets the wheel and ``nix-support/refs``, the store paths that
its files name: a wheel is compressed, and Nix would not see them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

_STORE_PATH: Final = re.compile(rb"/nix/store/[0-9a-z]{32}-[0-9A-Za-z+._?=-]+")

_PIP_OPTIONS: Final = (
    "--isolated",
    "--disable-pip-version-check",
    "--no-cache-dir",
    "--no-index",
    "--no-deps",
    "--no-build-isolation",
    "--check-build-dependencies",
    "--use-pep517",
)


def unpacked(source: Path, directory: Path) -> Path:
    """Return the root of the project: a copy of ``source``, or what it holds if it is an archive.

    The archive itself is not given to pip, which would unpack it under a name that is random.
    """
    if source.is_dir():
        return Path(shutil.copytree(source, directory, symlinks=True))
    # The store's name of the file may have lost its extension.
    shutil.unpack_archive(source, directory, "zip" if zipfile.is_zipfile(source) else "tar")
    roots = [path for path in directory.iterdir() if path.is_dir()]
    return roots[0] if len(roots) == 1 else directory


def references(wheel: Path) -> list[str]:
    """Return the store paths that the wheel's files name, sorted."""
    with zipfile.ZipFile(wheel) as archive:
        found = {
            match.decode()
            for member in archive.namelist()
            for match in _STORE_PATH.findall(archive.read(member))
        }
    return sorted(found)


def main(pip: str, python: str, source: str, out: str) -> None:
    """Build the wheel of ``source`` into ``out``."""
    project = unpacked(Path(source), Path("project").absolute())
    wheels = Path(out)
    wheels.mkdir()
    argv = [pip, "--python", python, "wheel", *_PIP_OPTIONS, "--wheel-dir", out, str(project)]
    if status := subprocess.run(argv, check=False).returncode:
        # pip and the backend have said why.
        sys.exit(status)
    support = wheels / "nix-support"
    support.mkdir()
    names = [name for wheel in sorted(wheels.glob("*.whl")) for name in references(wheel)]
    (support / "refs").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
