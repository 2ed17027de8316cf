# ruff: noqa: INP001 - a program that Nix runs by its path
"""Delete what Maven has made before, or what of it tells of the build and is never run.

usage: clean_modules.py [--made] TREE DIRECTORY...
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def main() -> None:
    """Do it."""
    made = sys.argv[1] == "--made"
    tree, *modules = sys.argv[2 if made else 1 :]
    for module in modules:
        target = Path(tree, module, "target")
        if not made:
            shutil.rmtree(target, ignore_errors=True)
            continue
        for name in ("maven-status", "test-classes", "generated-test-sources"):
            shutil.rmtree(target / name, ignore_errors=True)
        for archive in sorted(target.glob("*.original")):
            archive.unlink()


if __name__ == "__main__":
    main()
