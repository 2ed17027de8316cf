# ruff: noqa: INP001 - a program that Nix runs by its path
"""``lay_out_modules.py SPEC APP [PROXY]``: what Go chooses modules by, in APP, and PROXY with them.

SPEC is JSON: ``manifests`` and ``modules``, each a list of paths there and the files to be at them.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path


def unescaped(version: str) -> str:
    """Return what ``version`` is called where it is no part of a path."""
    return re.sub(r"!(.)", lambda found: found[1].upper(), version)


def main(spec_file: str, app: str, proxy: str = "") -> None:
    """Link all of it."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    Path(app).mkdir(parents=True)
    for each in spec["manifests"]:
        _link(Path(app, each["path"]), each["file"])
    for each in spec["modules"] if proxy else []:
        path = Path(proxy, each["path"])
        _link(path, each["file"])
        if path.suffix == ".mod":
            # Asked for by `go mod download`, which reads no more of it than this.
            said = json.dumps({"Version": unescaped(path.name.removesuffix(".mod"))})
            path.with_name(f"{path.name.removesuffix('.mod')}.info").write_text(said)


def _link(path: Path, file: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
