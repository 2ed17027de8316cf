"""Procfile: one worker per line, ``NAME: COMMAND`` (docs/procfile.md)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from hop3_nix.errors import ConfigError
from hop3_nix.postbuild.credentials import AT_RUN_TIME, READABLE, secret_in_text
from hop3_nix.procfile.cron import scheduled
from hop3_nix.procfile.daemons import goes_into_background
from hop3_nix.procfile.shelltext import unclosed
from hop3_nix.workers.cron import begins_with_schedule
from hop3_nix.workers.kind import kind_of, told_by

WORKER_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")

MAX_BYTES: Final = 1 << 20
"""Of a Procfile, and of hop3.toml."""

MAX_WORKERS: Final = 250
"""In both files together. Each is a launcher, a service and a line of every table."""

MAX_NAME: Final = 63
"""Characters of a worker's name, which stands in the names of units, of 255 characters at most."""

MAX_COMMAND: Final = 32_768
"""Characters of one command: the kernel takes 131,072 bytes for one argument (execve(2))."""

WEB_KINDS: Final = ("web", "wsgi", "jwsgi", "rwsgi")
"""Names of which an application has one at most: each takes the HTTP port for itself."""

HOOKS: Final = {
    "build.before-build": ("prebuild",),
    "build.build": (),
    "build.after-build": ("postbuild",),
    "run.before-run": ("release", "prerun"),
}
"""Keys of hop3.toml, and the names in a Procfile that mean the same: ``release`` is Heroku's."""

HOOK_NAMES: Final = frozenset(name for names in HOOKS.values() for name in names)

_AS_CRON: Final = re.compile(r"\Acron[_-]?(?=.)", re.IGNORECASE)

_FORM: Final = "Write one worker per line, such as: web: gunicorn app:app"


class Entry(NamedTuple):
    """One line: a worker, or a command that is run once at its time."""

    name: str
    command: str
    line: int


class Procfile(NamedTuple):
    """The entries of one Procfile, in its order."""

    file: str
    entries: tuple[Entry, ...]

    @property
    def workers(self) -> tuple[Entry, ...]:
        """Return the entries that are workers."""
        return tuple(entry for entry in self.entries if entry.name not in HOOK_NAMES)


def parse_procfile(text: str, file: str) -> Procfile:
    """Return what ``text`` says. Raises ConfigError, naming ``file`` and the line."""
    entries: dict[str, Entry] = {}
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        entry = _parse_line(line, file, number)
        if other := entries.get(entry.name):
            raise ConfigError(
                f"{entry.name!r} stands here and on line {other.line}",
                file=file,
                line=number,
                tip="Take one of the two out, or give it another name.",
            )
        entries[entry.name] = entry
        check_number(len(entries), file, number)
    check_web_kinds({entry.name: entry.line for entry in entries.values()}, file)
    return Procfile(file, tuple(entries.values()))


def check_entry(name: str, command: str, *, file: str, line: int | None) -> str:
    """Return ``command``, a schedule in front of it in numbers.

    Raises ConfigError unless ``name`` and it can be those of a worker or hook.
    """
    if not WORKER_NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} cannot be the name of a worker",
            file=file,
            line=line,
            tip="A name has letters, digits, '-' and '_' only.",
        )
    _check_sizes(name, command, file=file, line=line)
    if not command.strip():
        raise ConfigError(f"{name!r} has no command", file=file, line=line, tip=_FORM)
    if "\0" in command:
        raise ConfigError(
            f"the command of {name!r} has a NUL character, which no command can have",
            file=file,
            line=line,
            tip="Take the character out.",
        )
    if secret := secret_in_text(command):
        raise ConfigError(
            f"the command of {name!r} has a secret in it ({secret}), {READABLE}",
            file=file,
            line=line,
            tip=f"Write a variable in its place, such as $SECRET. {AT_RUN_TIME}",
        )
    kind = kind_of(name)
    if kind == "static":
        return command
    schedule, program = "", command
    if kind == "cron":
        schedule, program = scheduled(told_by(name), command, file=file, line=line)
    elif begins_with_schedule(command):
        raise ConfigError(
            f"a schedule stands in front of the command of {name!r}, whose name is not that of a "
            "worker with a schedule",
            file=file,
            line=line,
            tip=f"Call it cron, or cron-NAME: cron-{_AS_CRON.sub('', name)}",
        )
    if word := goes_into_background(program):
        raise ConfigError(
            f"the command of {name!r} leaves its work to a process in the background: {word}",
            file=file,
            line=line,
            tip="Take it out: who starts a worker looks after the process that it starts.",
        )
    if defect := unclosed(program):
        raise ConfigError(
            f"the command of {name!r} has {defect}",
            file=file,
            line=line,
            tip="Close it, or put a backslash in front if it stands for itself.",
        )
    return f"{schedule} {program}".lstrip(" ")


def _check_sizes(name: str, command: str, *, file: str, line: int | None) -> None:
    for what, length, most in (
        (f"the name of the worker {name[:MAX_NAME]}...", len(name), MAX_NAME),
        (f"the command of {name[:MAX_NAME]!r}", len(command), MAX_COMMAND),
    ):
        if length > most:
            raise ConfigError(
                f"{what} has {length} characters, and {most} are the most",
                file=file,
                line=line,
                tip="Shorten it. What is long belongs into a script of the application.",
            )


def check_number(number: int, file: str, line: int | None) -> None:
    """Raise ConfigError if ``number`` workers, of which the last is named there, are too many."""
    if number > MAX_WORKERS:
        raise ConfigError(
            f"there are more than {MAX_WORKERS} workers",
            file=file,
            line=line,
            tip="Start what belongs together from one worker. For several processes of one: "
            "hop3-nix scale NAME=N",
        )


def check_web_kinds(lines: dict[str, int], file: str) -> None:
    """Raise ConfigError if two of the names, given with their lines, exclude each other."""
    found = [name for name in lines if name in WEB_KINDS]
    if len(found) > 1:
        first, second = found[:2]
        raise ConfigError(
            f"{second!r} cannot stand beside {first!r} of line {lines[first]}: "
            "each of them takes the HTTP port",
            file=file,
            line=lines[second],
            tip="Keep one of the two.",
        )


def _parse_line(line: str, file: str, number: int) -> Entry:
    name, colon, command = line.partition(":")
    if not colon:
        raise ConfigError(f"there is no colon in {line!r}", file=file, line=number, tip=_FORM)
    name, command = name.rstrip(" \t"), command.strip(" \t\r")
    return Entry(name, check_entry(name, command, file=file, line=number), number)
