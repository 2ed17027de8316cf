"""Makes what the app's configuration names absolute: the programs of its lines, its directories."""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from .bash import BUILTINS, check_syntax
from .commandline import CommandLine
from .cursor import LineError
from .launchers import Edits, edited, line_body
from .problems import ProblemError, nearest
from .programs import Programs

if TYPE_CHECKING:
    from .artifact import Artifact
    from .problems import Report
    from .spec import Spec

SCHEDULE: Final = re.compile(r"\s*(?:[0-9*/,A-Za-z-]+[ \t]+){5}")


class Resolved(NamedTuple):
    """The text that the contract holds, and the body of the launcher, if it has one."""

    text: str
    body: str = ""


class Resolver:
    """Resolves for one artifact; what is wrong goes into the report, and the text stays."""

    def __init__(self, spec: Spec, artifact: Artifact, report: Report) -> None:
        self._spec = spec
        self._artifact = artifact
        self._report = report
        self._programs = Programs(spec, artifact)

    def worker(self, name: str, text: str) -> Resolved:
        """Return worker ``name`` with its programs, or its directory, absolute."""
        where = f"worker {name}"
        unusable = name in {"", ".", ".."} or "/" in name
        if unusable or len(name.encode()) > os.pathconf("/", "PC_NAME_MAX"):
            self._problem(where, "the name cannot be that of a file", "choose another name")
        if name.startswith("static"):
            return Resolved(self.static(where, text.strip()))
        if not name.startswith("cron"):
            return self.line(where, text)
        schedule = SCHEDULE.match(text)
        if not schedule:
            tip = "write minute, hour, day, month and weekday in front of the command"
            self._problem(where, "has no schedule of five fields", tip, f"line: {text}")
            return Resolved(text)
        command = self.line(where, text[schedule.end() :])
        return Resolved(schedule.group() + command.text, command.body)

    def static(self, where: str, path: str) -> str:
        """Return the absolute path of what is served as it is."""
        root, writable = os.path.normpath(self._spec.working_dir), self._spec.writable_tree
        full = os.path.normpath(os.path.join(root, path))
        made_later = writable and f"{full}/".startswith(f"{writable}/")
        if not f"{full}/".startswith(f"{root}/"):
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
            check_syntax(self._spec.shell, text)
        except LineError as error:
            tip = "correct it; what does not fit on a line can be a script of the app"
            self._problem(where, f"the line {error}", tip, shown)
            return Resolved(text)
        edits: Edits = {}
        for program in line.programs:
            said = program.word.text
            inner = not program.outer and (said in BUILTINS or said in line.functions)
            if said is None or inner:
                continue
            with self._report.at(where, shown):
                found = self._programs.find(said, program)
                if found:
                    edits[program.word.start] = (program.word.end, shlex.quote(found))
        return Resolved(edited(text, edits), line_body(line, edits))

    def _problem(self, where: str, what: str, tip: str, *details: str) -> None:
        self._report.add(where, [ProblemError(what, tip, *details)])
