"""Make faults under load, and write what came of them: ``python -m faults.run PAGE [PLACE...]``.

What does not come out as it has to is named, and the status is 1. What was measured at a place is
kept in build/faults, so that one place can be done again.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faults.events import EVENTS
from faults.page import Row, written
from faults.places import Here, There, deploy, load, run
from faults.releases import BAD, QUICK
from host import Host, why_not
from released import artifact

if TYPE_CHECKING:
    from faults.places import Place

PORT: Final = 8380
KEPT: Final = Path("build/faults")


def main() -> int:
    """Run all, write the page, and return whether anything was not as it has to be."""
    page, *only = sys.argv[1:]
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        directory.chmod(0o755)
        if not only or "supervisord" in only:
            here = Here(directory / "root")
            try:
                _keep(here, _all(here, directory / "here"))
            finally:
                here.end()
        if not only or "systemd" in only:
            if missing := why_not():
                print(f"no host with systemd: {missing}")  # noqa: T201 - a program
                return 1
            with Host.boot(directory / "host") as host:
                there = There(host)
                _keep(there, _all(there, directory / "there"))
    rows = [
        Row(**row) for file in sorted(KEPT.glob("*.json")) for row in json.loads(file.read_text())
    ]
    Path(page).write_text(written(rows), encoding="utf-8")
    wrong = [row for row in rows if row.wrong]
    for row in wrong:
        print(f"{row.place}: {row.what}: {row.wrong}")  # noqa: T201 - a program
    return min(1, len(wrong))


def _keep(place: Place, rows: list[Row]) -> None:
    text = json.dumps([asdict(row) for row in rows], indent=1)
    (KEPT / f"{place.name}.json").write_text(text)


def _all(place: Place, scratch: Path) -> list[Row]:
    good = artifact(scratch, "good")
    options = ("--listen", str(PORT), "--warm", "2", *QUICK)
    status, said = deploy(place, good, *options)
    assert status == 0, said
    rows = []
    for number, bad in enumerate(BAD):
        built = artifact(scratch, f"bad-{number}", workers=bad.workers)
        began = time.monotonic()
        with load(place, PORT) as told:
            status, said = deploy(place, built, *bad.options)
        seconds = time.monotonic() - began
        row = Row(place.name, bad.what, "release", status, told.asked, len(told.failed), seconds)
        row.wrong = _wrong_release(place, bad.status, said, row, after=bad.after)
        rows.append(row)
        _show(row, said)
    for event in EVENTS:
        if event.where in {"", place.name}:
            assert run(place, "hop3-nix", "start", "shop")[0] == 0
            with load(place, PORT) as told:
                began = time.monotonic()
                status, said = event.make(place, scratch)
                seconds = time.monotonic() - began
            row = Row(
                place.name, event.what, "event", status, told.asked, len(told.failed), seconds
            )
            row.wrong = _wrong_event(place, event.lossless, said, row)
            rows.append(row)
            _show(row, said)
    return rows


def _wrong_release(place: Place, status: int, said: str, row: Row, *, after: bool) -> str:
    if row.status != status:
        return f"status {row.status} instead of {status}: {said}"
    if row.failed and not after:
        return f"{row.failed} of {row.asked} requests failed"
    return _state(place)


def _wrong_event(place: Place, lossless: bool, said: str, row: Row) -> str:  # noqa: FBT001
    if row.failed and lossless:
        return f"{row.failed} of {row.asked} requests failed: {said}"
    return _state(place)


def _state(place: Place) -> str:
    """Return what is not as it was when nothing had happened; give it some time."""
    end = time.monotonic() + 30
    shown = ""
    while time.monotonic() < end:
        shown = run(place, "hop3-nix", "status", "shop")[1]
        if "shop: running" in shown and "interrupted" not in shown:
            break
        time.sleep(0.5)
    else:
        return f"it is not back: {shown}"
    left = {line.split()[0] for line in shown.splitlines() if "running" in line} - {"shop:"}
    return "" if {"web.1", "mailer.1"} <= left else f"workers are missing: {shown}"


def _show(row: Row, said: str) -> None:
    last = said.strip().splitlines()[-1:] or [""]
    print(row, last[0][:150], flush=True)  # noqa: T201 - a program


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
