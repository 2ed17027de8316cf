# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``compile_imports.py GO IMPORTS``: compile packages of other modules into Go's cache.

IMPORTS is a file with their paths as JSON. One that cannot be loaded is left to the application's
own build, which knows whether it needs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

_LOADED: Final = "{{if not (or .Error .DepsErrors)}}{{.ImportPath}}{{end}}"


def main(go: str, imports_file: str) -> int:
    """Return 0, or what the compiler returned."""
    imports = json.loads(Path(imports_file).read_text(encoding="utf-8"))
    if not imports:
        return 0
    listing = [go, "list", "-e", "-f", _LOADED, *imports]
    listed = subprocess.run(listing, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    left = sorted({*imports} - {*listed})
    print(
        f"packages to compile: {len(listed)}; left to the application: {' '.join(left) or 'none'}"
    )
    # The result of programs among them is for nobody.
    argv = [go, "build", "-o", "/dev/null", *listed]
    return subprocess.run(argv, check=False).returncode if listed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
