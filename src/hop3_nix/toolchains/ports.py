"""Whether what answers HTTP listens on $PORT, as far as its command line and its code tell."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError
from hop3_nix.plan import Problem
from hop3_nix.procfile.parse import WEB_KINDS
from hop3_nix.toolchains.named_files import commands_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import BuildPlan
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

_OPTIONS: Final = ("--port", "-p", "-b", "--bind", "--listen", "-l", "--server.port", "--http-port")
_PORT: Final = re.compile(r"(?:.*:)?(\d{2,5})")

_DEFAULTS: Final = {"hypercorn": "8000", "uvicorn": "8000", "daphne": "8000", "flask": "5000"}
"""Servers that listen there if none of the options says otherwise."""

_TOLD: Final = ("--port", "-p", "--bind", "-b", "--uds", "--fd", "--config", "-c", "--unix")

_BIND: Final = re.compile(r"""^bind\s*=\s*f?['"][^'"\n]*:(\d{2,5})['"]""", re.MULTILINE)
_CONFIG: Final = "gunicorn.conf.py"

_CODE: Final = {
    "node": (
        (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"),
        re.compile(r"\.listen\(\s*(?:\{\s*port:\s*)?(\d{4,5})\b"),
    ),
    "python": (
        (".py",),
        re.compile(r"\b(?:run|run_app|serve|server)\([^()\n]*\bport\s*=\s*(\d{4,5})\b"),
    ),
}
_READS_PORT: Final = re.compile(r"\bPORT\b")
_ASIDE: Final = frozenset(
    {"dist", "build", "docs", "examples", "public", "scripts", "static", "test", "tests", "vendor"}
)
_MOST: Final = 200
"""So many files are looked into; an application of more is not told."""


def fixed_ports(app: App, plan: BuildPlan) -> Iterator[Problem]:
    """Yield a warning if a web worker seems to listen on a port of its own, and not on $PORT."""
    runs_code = False
    for placed in commands_of(app, plan):
        if placed.name not in WEB_KINDS:
            continue
        line = plan.runtime.workers.get(placed.name, "")
        if "PORT" in line:
            return
        command = placed.command
        said = _PORT.fullmatch(command.value_of(*_OPTIONS))
        port = said[1] if said else ""
        if not port and not any(word.partition("=")[0] in _TOLD for word in command.words):
            serves = command.program != "flask" or "run" in command.words
            port = _DEFAULTS.get(command.program, "") if serves else ""
        if port:
            yield placed.problem(
                f"{placed.name} listens on port {port}, and not on the one that it is given",
                f'Take the variable: write "$PORT" in the place of {port}, or --port "$PORT".',
                "warning",
            )
            return
        if command.program == "gunicorn":
            file = command.value_of("--config", "-c").removeprefix("python:") or _CONFIG
            yield from _found(app.source, file, _BIND, "Read os.environ['PORT'] there, or leave it")
        runs_code |= command.program in {"python", "python3", "node", "tsx", "ts-node"}
    if runs_code and plan.toolchain in _CODE:
        yield from _in_code(app.source, *_CODE[plan.toolchain])


def _in_code(source: Source, endings: tuple[str, ...], sign: re.Pattern[str]) -> Iterator[Problem]:
    files = [
        file
        for file in source.files
        if file.endswith(endings) and not _ASIDE.intersection(file.split("/")[:-1])
    ]
    if len(files) > _MOST:
        return
    found: list[Problem] = []
    for file in sorted(files, key=lambda each: (each.count("/"), each)):
        try:
            text = source.read_text(file)
        except SourceError:
            continue
        if _READS_PORT.search(text):
            return
        found += _found(source, file, sign, "Read the variable PORT in its place")
    yield from found[:1]


def _found(source: Source, file: str, sign: re.Pattern[str], tip: str) -> Iterator[Problem]:
    if not source.has(file):
        return
    text = source.read_text(file)
    found = sign.search(text)
    if found and not _READS_PORT.search(text):
        yield Problem(
            severity="warning",
            message=f"listens on port {found[1]}, and nothing here reads the one that it is given",
            file=posixpath.normpath(file),
            line=text.count("\n", 0, found.start(1)) + 1,
            tip=f"{tip}.",
        )
