# ruff: noqa: INP001 - a program that Nix runs by its path
"""``complete_tree.py TREE SITE``: give the tree what the back end has made beside its modules.

Workers run in the tree, whose packages hide those in SITE, the project as it was installed. What
was compiled or written for the wheel (_version.py, C extensions) would be found in neither.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def complete(tree: Path, site: Path) -> list[Path]:
    """Copy each file of a package that is in both, and missing in ``tree``; return their paths."""
    copied = []
    for package in sorted(path for path in site.iterdir() if path.is_dir()):
        if package.suffix == ".dist-info" or not (tree / package.name).is_dir():
            continue
        for file in sorted(path for path in package.rglob("*") if path.is_file()):
            target = tree / file.relative_to(site)
            if target.exists() or "__pycache__" in file.parts:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            target.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
            copied.append(target)
    return copied


if __name__ == "__main__":
    complete(Path(sys.argv[1]), Path(sys.argv[2]))
