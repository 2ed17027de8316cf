"""Fuzz every parser: ``python -m fuzz.run [RUNS [TARGET...]]``; 5,000 inputs for each target.

What makes an error that is none of ours, or takes more than a minute, is kept in build/fuzz.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from fuzz.apps import targets
from fuzz.one import fuzz
from fuzz.readers import READERS

KEPT = Path("build/fuzz")
RUNS = 5000
SAID = 30
AT_A_TIME = int(os.environ.get("JOBS", "2"))
LIMITS = ("-max_len=16384", "-timeout=60", "-rss_limit_mb=2048")


def main() -> int:
    """Return 1 if a target has failed."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    names = sys.argv[2:] or [*READERS, *targets()]
    KEPT.mkdir(parents=True, exist_ok=True)
    running: dict[int, tuple[str, Path, float]] = {}
    failed = 0
    with tempfile.TemporaryDirectory() as logs:
        for number, name in enumerate(names):
            log = Path(logs, str(number))
            running[_started(name, runs, log)] = name, log, time.monotonic()
            if len(running) == AT_A_TIME:
                failed += _ended(running)
        while running:
            failed += _ended(running)
    print(f"{len(names)} targets, {runs} inputs each, {failed} failed")  # noqa: T201 - a program
    return min(failed, 1)


def _started(name: str, runs: int, log: Path) -> int:
    """Return the process that fuzzes ``name``; the modules are instrumented once for all."""
    if process := os.fork():
        return process
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    kept = f"-artifact_prefix={KEPT}/{name.replace('/', '-')}-"
    try:
        fuzz(name, [sys.argv[0], f"-runs={runs}", *LIMITS, kept])
    except BaseException:  # noqa: BLE001 - what is ours of the parent is not the child's to end
        traceback.print_exc()
    os._exit(1)  # libFuzzer ends the process itself


def _ended(running: dict[int, tuple[str, Path, float]]) -> bool:
    """Wait for one of them, and return whether it has failed."""
    process, status = os.wait()
    name, log, began = running.pop(process)
    said = log.read_text(errors="replace").splitlines()
    done = next((line for line in said if line.startswith("Done ")), "not done")
    print(f"{name}: {status >> 8 or status}, {done}, {time.monotonic() - began:.0f} s")  # noqa: T201
    if status:
        shown = [line for line in said if not line.startswith(("INFO", "#"))][:SAID]
        print(*shown, sep="\n  ")  # noqa: T201
    sys.stdout.flush()
    return status != 0


if __name__ == "__main__":
    sys.exit(main())
