"""Makes what the app's configuration names absolute: the programs of its lines, its directories."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, NamedTuple

from hop3_nix.workers.cron import CronError, split_schedule
from hop3_nix.workers.described import Worker
from hop3_nix.workers.kind import kind_of

from .bash import BUILTINS, check_syntax
from .commandline import CommandLine
from .cursor import LineError
from .launchers import Edits, edited, line_body, said
from .problems import ProblemError, nearest
from .programs import Programs
from .spec import READ

if TYPE_CHECKING:
    from .artifact import Artifact
    from .problems import Report
    from .spec import Spec


class Resolved(NamedTuple):
    """A line as the contract holds it, and as launchers do; the words of one that is plain."""

    text: str
    launched: str = ""
    body: str = ""
    argv: tuple[str, ...] = ()


class ResolvedWorker(NamedTuple):
    """A worker as runtime.json holds it, what it is, and the body of its launcher if it has one."""

    text: str
    worker: Worker
    body: str = ""


class Resolver:
    """Resolves for one artifact; what is wrong goes into the report, and the text stays."""

    def __init__(self, spec: Spec, artifact: Artifact, report: Report) -> None:
        self._spec = spec
        self._artifact = artifact
        self._report = report
        self._programs = Programs(spec, artifact)

    def worker(self, name: str, text: str) -> ResolvedWorker:
        """Return worker ``name`` with its programs, or its directory, absolute."""
        where = f"worker {name}"
        unusable = name in {"", ".", ".."} or "/" in name
        if unusable or len(name.encode()) > os.pathconf("/", "PC_NAME_MAX"):
            self._problem(where, "the name cannot be that of a file", "choose another name")
        kind = kind_of(name)
        if kind == "static":
            path = self.static(where, text.strip())
            return ResolvedWorker(path, Worker(kind, path))
        if kind == "process":
            line = self.line(where, text)
            return ResolvedWorker(line.text, Worker(kind, line.text, line.argv), line.body)
        try:
            schedule, command = split_schedule(text)
        except CronError as error:
            self._problem(where, f"has no schedule: {error.what}", error.tip, f"line: {text}")
            return ResolvedWorker(text, Worker(kind, text))
        line = self.line(where, command)
        worker = Worker(kind, line.text, line.argv, schedule.text, schedule.calendars)
        return ResolvedWorker(f"{schedule.text} {line.text}", worker, line.body)

    def static(self, where: str, path: str) -> str:
        """Return the absolute path of what is served as it is."""
        root, writable = self._spec.whole_tree, self._spec.writable_tree
        full = os.path.normpath(os.path.join(self._spec.working_dir, path))
        made_later = writable and f"{full}/".startswith(f"{writable}/")
        if self._spec.mode != READ and not f"{full}/".startswith(f"{root}/"):
            self._problem(where, f"{path} is outside of the app", "name a directory of the app")
        elif os.path.exists(full):
            if not self._artifact.holds_target(full):
                what = f"{full} leads to {os.path.realpath(full)}, outside of the artifact"
                self._problem(where, what, "keep the files in the app instead of a link")
        elif not made_later:
            place, base = os.path.split(full)
            tip = "correct the name, which is relative to the app, or make it in a build step"
            self._problem(where, f"there is no {full}", tip, nearest(base, [place]))
        return full

    def line(self, where: str, text: str) -> Resolved:
        """Return a command line with its programs absolute."""
        shown = f"line: {text}"
        self._report.add(where, self._artifact.check_text(text))
        try:
            line = CommandLine(text)
            if self._spec.mode != READ:
                check_syntax(self._spec.shell, text)
        except LineError as error:
            tip = "correct it; what does not fit on a line can be a script of the app"
            self._problem(where, f"the line {error}", tip, shown)
            return Resolved(text)
        found: dict[int, tuple[int, str]] = {}
        for program in line.programs:
            name = program.word.text
            inner = not program.outer and (name in BUILTINS or name in line.functions)
            if name is None or inner:
                continue
            with self._report.at(where, shown):
                path = self._programs.find(name, program)
                if path:
                    found[program.word.start] = (program.word.end, path)
        edits: Edits = {at: (end, shlex.quote(path)) for at, (end, path) in found.items()}
        launched: Edits = {at: (end, said(self._spec, path)) for at, (end, path) in found.items()}
        return Resolved(
            edited(text, edits),
            edited(text, launched),
            line_body(line, launched),
            line.plain(found),
        )

    def _problem(self, where: str, what: str, tip: str, *details: str) -> None:
        self._report.add(where, [ProblemError(what, tip, *details)])
