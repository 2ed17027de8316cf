# ruff: noqa: INP001, T201 - a program that Nix runs by its path, and that prints to the build's log
"""``run_steps.py SPEC SHELL``: run shell command lines in the current directory, in order.

SPEC is JSON: ``steps``, and ``environment``, a list of names and values that is added to ours. Each
step has a shell of its own. Returns the status of the first that fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def main(spec_file: str, shell: str) -> int:
    """Return 0, or what the first step that fails returned."""
    spec = json.loads(Path(spec_file).read_text(encoding="utf-8"))
    environment = os.environ | dict(spec["environment"])
    steps = spec["steps"]
    for number, step in enumerate(steps, start=1):
        print(f"step {number} of {len(steps)}: {step}", flush=True)
        argv = [shell, "-euo", "pipefail", "-c", step]
        status = subprocess.run(argv, env=environment, check=False).returncode
        if status:
            # As a shell says that a signal ended a command.
            status = status if status > 0 else 128 - status
            print(f"build step {number} failed with status {status}: {step}", file=sys.stderr)
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
