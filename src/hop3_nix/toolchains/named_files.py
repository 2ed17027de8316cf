"""The commands of a plan, where each is written, and the application's files that they name."""

from __future__ import annotations

import posixpath
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from hop3_nix.plan import Problem
from hop3_nix.toolchains.simple_commands import Command, simple_commands
from hop3_nix.workers.cron import split_schedule
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App

_FLAGS: Final = {
    "python": "-u -O -OO -B -E -I -s -S -v -q -b -d",
    "node": "--enable-source-maps --no-warnings --trace-warnings --expose-gc --preserve-symlinks",
    "ruby": "-w",
    "bash": "-e -x -u -eu -ex -eux",
    "sh": "-e -x -u -eu -ex -eux",
}
"""Programs that run a file, and their options that have no value."""

_ENDINGS: Final = {
    "python": (".py",),
    "node": (".js", ".mjs", ".cjs"),
    "ruby": (".rb",),
    "bash": (".sh",),
    "sh": (".sh",),
}
_TRIED: Final = {"node": (".js", ".json", ".node", "/index.js")}
"""What a program adds to a name that is no file."""


class Placed(NamedTuple):
    """A command of the plan, what it belongs to, and where that is written."""

    command: Command
    name: str
    file: str
    line: int | None

    def problem(
        self, message: str, tip: str, severity: Literal["error", "warning"] = "error"
    ) -> Problem:
        """Return what is wrong with it."""
        return Problem(severity=severity, message=message, file=self.file, line=self.line, tip=tip)


def commands_of(app: App, plan: BuildPlan) -> Iterator[Placed]:
    """Yield the commands of workers, and of what is run before them."""
    if plan.site is not None:
        return
    for name, line in plan.runtime.workers.items():
        kind = kind_of(name)
        if kind == "static":
            continue
        # Its schedule was checked before.
        text = split_schedule(line)[1] if kind == "cron" else line
        file, number = _place_of(app, plan, name)
        for command in simple_commands(text):
            yield Placed(command, name, file, number)
    file, number = app.config.where("run.before-run")
    for line in plan.runtime.before_run:
        for command in simple_commands(line):
            yield Placed(command, "before-run", file, number)


def _place_of(app: App, plan: BuildPlan, name: str) -> tuple[str, int | None]:
    if name in app.config.workers:
        return app.config.where(f"run.workers.{name}")
    found = (each for each in plan.evidence if each.choice.startswith(f"{name}: "))
    return next(((each.file, each.line) for each in found), ("", None))


def script_of(command: Command) -> tuple[str, str]:
    """Return what kind of program runs which file, or nothing: ``python`` and ``app.py``."""
    kind = command.program.rstrip("0123456789.")
    if kind not in _FLAGS or "/" in command.words[0]:
        return "", ""
    flags = _FLAGS[kind].split()
    for word in command.words[1:]:
        if word in flags:
            continue
        return ("", "") if word.startswith("-") else (kind, word)
    return "", ""


def missing_files(app: App, plan: BuildPlan) -> Iterator[Problem]:
    """Yield the scripts that commands run and that are not there."""
    made = bool(plan.build_steps or plan.stages)
    for placed in commands_of(app, plan):
        kind, script = script_of(placed.command)
        path = placed.command.path(script) if script else None
        if path is None or not (script.endswith(_ENDINGS[kind]) or kind == "node"):
            continue
        if any(app.source.has(path + more) for more in ("", *_TRIED.get(kind, ()))):
            continue
        if kind == "node" and (made or _is_directory(app, path)):
            continue
        near = get_close_matches(path, app.source.files, n=2, cutoff=0.7)
        tip = f"Did you mean {' or '.join(near)}? " if near else ""
        yield placed.problem(
            f"{placed.name} runs {path}, and there is no such file",
            f"{tip}Correct the name; a file that is ignored is no part of the application "
            "(docs/source.md).",
            "warning" if made else "error",
        )


def _is_directory(app: App, path: str) -> bool:
    """Return whether ``path``, whose package.json may say what is run, is there."""
    front = "" if path == "." else f"{posixpath.normpath(path)}/"
    return any(file.startswith(front) for file in app.source.files)
