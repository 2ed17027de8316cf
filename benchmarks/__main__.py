"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from benchmarks import builds, modules, private, starts
from benchmarks.machine import caption, facts
from benchmarks.pip import download, installed_here, locked, offering
from benchmarks.running import CommandError
from benchmarks.tables import markdown, terminal_table, with_figures
from benchmarks.world import ROOT, World
from hop3_nix.errors import Hop3NixError
from hop3_nix.files.atomic import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Comparison
    from benchmarks.world import App

PAGE: Final = ROOT / "docs/performance.md"
_WIDTH: Final = 120
"""Columns of a table that is not for a terminal."""

EXAMPLE: Final = ROOT / "examples/python-flask"
NODE_EXAMPLE: Final = ROOT / "examples/node-express"


def main() -> int:
    """Measure, show, and return the exit status."""
    options = _options()
    load = os.getloadavg()[0]
    if load > (os.cpu_count() or 1) / 2:
        _say(f"this machine is busy (load {load:.1f}): the figures will be worse than they are")
    try:
        with tempfile.TemporaryDirectory(prefix="hop3-nix-bench-") as scratch:
            world = World.make(Path(scratch))
            known = facts(world, load)
            comparisons = list(_measure(world))
    except (CommandError, Hop3NixError) as error:
        _say(str(error))
        return 1
    width = None if sys.stdout.isatty() else _WIDTH
    Console(width=width).print(terminal_table(comparisons, caption(known)))
    if options.json:
        results = [
            {**asdict(each), "result": each.result._asdict(), "met": each.met}
            for each in comparisons
        ]
        text = json.dumps({"machine": known, "results": results}, indent=2)
        write_text_atomic(options.json, text + "\n")
    if options.markdown:
        page = PAGE.read_text(encoding="utf-8")
        write_text_atomic(PAGE, with_figures(page, markdown(comparisons, caption(known))))
    return int(options.check and any(each.met is False for each in comparisons))


def _measure(world: World) -> Iterator[Comparison]:
    _say("building examples/python-flask; a first time, that makes the package set as well")
    app = world.build(world.copy(EXAMPLE, "flask"))[1]
    _say("starting a worker")
    yield from starts.measure(world, app)
    _say("building with nothing changed")
    yield builds.unchanged(world, app)
    _say("building with one line changed")
    yield builds.changed(world, app, "app.py")
    yield from _cold(world, app)
    yield from _modules(world)


def _cold(world: World, app: App) -> Iterator[Comparison]:
    _say("downloading wheels")
    wheels = world.scratch / "wheels"
    python = app.interpreter
    download(world, python, EXAMPLE / "requirements.txt", wheels / "flask")
    development = world.scratch / "development"
    development.mkdir()
    pins = development / "requirements.txt"
    pins.write_text(installed_here())
    download(world, python, pins, wheels / "development")
    pins.write_text(locked(wheels / "development"))
    (development / ".python-version").write_text((EXAMPLE / ".python-version").read_text())
    (development / "main.py").touch()
    for name, source in (("flask", EXAMPLE), ("development", development)):
        number = len(list((wheels / name).iterdir()))
        _say(f"building with none of {number} wheels in the store")
        with offering(world, python, wheels / name) as offered:
            title = f"build, first, {number} wheels"
            yield builds.cold(world, f"cold-{name}", title, source, offered)


def _modules(world: World) -> Iterator[Comparison]:
    if reason := private.why_not():
        _say(f"what is measured against npm is left out: {reason}")
        return
    _say("building examples/node-express; a first time, that gets Node as well")
    app = world.build(world.copy(NODE_EXAMPLE, "express"))[1]
    _say("locking and downloading some hundred packages, then building with none of them")
    yield from modules.measure(world, app)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    parser.add_argument(
        "--markdown", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}"
    )
    parser.add_argument("--check", action="store_true", help="return 1 if a target is missed")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
