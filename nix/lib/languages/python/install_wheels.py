# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``install_wheels.py SPEC PREFIX``: install wheels with pip, so that the result is reproducible.

SPEC is JSON: ``pip`` and ``python`` are the programs, ``wheels`` the file names and where each file
is in the store, ``built`` the directories of wheels that were built here. PREFIX is the prefix of a
virtual environment that ``python`` is of, or another directory to install into.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

_PIP_OPTIONS: Final = (
    "--isolated",
    "--disable-pip-version-check",
    "--no-cache-dir",
    "--no-index",
    "--no-deps",
    "--no-compile",
    "--no-warn-script-location",
    "--quiet",
)


def gather(spec: dict[str, Any], directory: Path) -> list[str]:
    """Return the wheels' paths: under their real names, which say what they are made for."""
    directory.mkdir()
    paths = []
    for wheel in spec["wheels"]:
        link = directory / wheel["filename"]
        link.symlink_to(wheel["path"])
        paths.append(str(link))
    for built in spec["built"]:
        paths.extend(str(path) for path in sorted(Path(built).glob("*.whl")))
    return paths


def normalise(site_packages: Path) -> None:
    """Remove what pip notes of the place that a wheel was installed from (PEP 610)."""
    for noted in site_packages.glob("*.dist-info/direct_url.json"):
        noted.unlink()
        record = noted.with_name("RECORD")
        rows = csv.reader(io.StringIO(record.read_text(encoding="utf-8"), newline=""))
        kept = io.StringIO(newline="")
        csv.writer(kept, lineterminator="\n").writerows(
            row for row in rows if row and not row[0].endswith(".dist-info/direct_url.json")
        )
        record.write_text(kept.getvalue(), encoding="utf-8", newline="")


def compile_packages(site_packages: Path) -> None:
    """Compile each top-level entry in a process of its own.

    What a process compiled before shows in the bytes of the next file, so that work shared out
    between processes in any other way would not give the same result twice.
    """
    argv = [sys.executable, "-I", "-W", "ignore", str(Path(__file__).with_name("compile_tree.py"))]
    entries = sorted(path for path in site_packages.iterdir() if path.suffix != ".dist-info")
    with ThreadPoolExecutor(max_workers=_cores()) as pool:
        for output in pool.map(lambda entry: _output([*argv, str(entry)]), entries):
            print(output, end="")


def main(spec_file: str, prefix: str) -> None:
    """Install all wheels of the spec into ``prefix``."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    wheels = gather(spec, Path("wheels").absolute())
    if not wheels:
        return
    pip = [spec["pip"], "--python", spec["python"], "install", *_PIP_OPTIONS]
    if not Path(spec["python"]).is_relative_to(prefix):
        pip += ["--prefix", prefix, "--ignore-installed"]
    print(f"installing {len(wheels)} wheels", flush=True)
    subprocess.run([*pip, *wheels], check=True)
    for site_packages in Path(prefix).glob("lib/python3*/site-packages"):
        normalise(site_packages)
        compile_packages(site_packages)


def _cores() -> int:
    return max(1, int(os.environ.get("NIX_BUILD_CORES", "1")) or (os.cpu_count() or 1))


def _output(argv: list[str]) -> str:
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
