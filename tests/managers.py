"""Package managers of Node that a machine need not have, installed by its npm."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def path_with(package: str, directory: Path) -> str:
    """Install ``package``, such as ``pnpm@9``, in ``directory`` and return a PATH that has it."""
    argv = ["npm", "install", "--prefix", str(directory), "--no-audit", "--no-fund", package]
    done = subprocess.run(argv, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return f"{directory}/node_modules/.bin:{os.environ['PATH']}"
