"""Fuzz every parser: ``python -m fuzz.run [RUNS [TARGET...]]``; 5,000 inputs for each target.

What makes an error that is none of ours, or takes more than 10 s, is kept in build/fuzz.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fuzz.apps import targets

KEPT = Path("build/fuzz")
RUNS = 5000
SAID = 15


def main() -> int:
    """Return how many targets have failed."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    names = sys.argv[2:] or list(targets())
    KEPT.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        failed = sum(pool.map(lambda name: _fuzz(name, runs), names))
    print(f"{len(names)} targets, {runs} inputs each, {failed} failed")  # noqa: T201 - a program
    return min(failed, 1)


def _fuzz(name: str, runs: int) -> bool:
    limits = ("-max_len=16384", "-timeout=10", "-rss_limit_mb=2048")
    kept = f"-artifact_prefix={KEPT}/{name.replace('/', '-')}-"
    argv = [sys.executable, "-m", "fuzz.one", name, f"-runs={runs}", *limits, kept]
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if not line.startswith(("INFO", "#"))]
        print(f"{name}: {done.returncode}", *said[:SAID], sep="\n  ")  # noqa: T201
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
