# ruff: noqa: INP001 - a program that Nix runs by its path
"""``overlay.py FROM TREE DIRECTORIES``: give a tree the files of another that it has not itself."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path


def main(source: str, tree: str, directories: str) -> None:
    """Copy them, make the directories that the JSON list names, and let the owner write all."""
    for root, folders, files in os.walk(source, followlinks=True):
        here = Path(tree) / os.path.relpath(root, source)
        here.mkdir(exist_ok=True)
        here.chmod(0o755)
        for name in files:
            place = here / name
            if not place.exists():
                shutil.copy(Path(root, name), place)
                place.chmod(place.stat().st_mode | 0o200)
        folders.sort()
    for directory in json.loads(Path(directories).read_text(encoding="utf-8")):
        (Path(tree) / directory).mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
