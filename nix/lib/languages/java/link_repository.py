# ruff: noqa: INP001 - a program that Nix runs by its path
"""Make a repository of Maven of links to files.

usage: link_repository.py LINKS OUT. Each line of LINKS is a path in the repository, a space, and
where that file is.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Do it."""
    links, out = map(Path, sys.argv[1:])
    out.mkdir()
    for line in links.read_text(encoding="utf-8").splitlines():
        path, _, file = line.partition(" ")
        link = out / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file)


if __name__ == "__main__":
    main()
