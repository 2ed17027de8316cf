# ruff: noqa: INP001 - a program that Nix runs by its path
"""``complete_spec.py SPEC OUT``: add to a post-build spec what only the running build knows.

``closure`` is read from the closure-N files that Nix exports (exportReferencesGraph), ``forbidden``
holds the places that a result must not name: those of the host, and this build's directory.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(spec_file: str, out: str) -> None:
    """Write the completed spec to ``out``."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    top = Path(os.environ["NIX_BUILD_TOP"])
    spec["closure"] = sorted(
        {
            line
            for graph in top.glob("closure-*")
            for line in graph.read_text(encoding="utf-8").splitlines()
            if line.startswith(spec["store"])
        }
    )
    # A package that is named for its libraries has no programs.
    spec["path"] = [
        folder
        for folder in spec["path"]
        if not (folder.endswith("/bin") and Path(folder).parent.is_dir()) or Path(folder).is_dir()
    ]
    spec["forbidden"] = ["/usr", "/home", str(top)]
    Path(out).write_text(json.dumps(spec), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
