"""Dockerfile: FROM, WORKDIR, ENV, RUN apt-get install, EXPOSE, HEALTHCHECK, ENTRYPOINT and CMD."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.platforms import values
from hop3_nix.platforms.findings import Finding, unsaid

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = "Dockerfile"

_APT: Final = re.compile(r"\bapt(?:-get)?\s+(?:-\S+\s+)*install\s+([^&;|]*)")
_APK: Final = re.compile(r"\bapk\s+(?:-\S+\s+)*add\s+([^&;|]*)")
_URL: Final = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s'\"]+)?(/[^\s'\"|;)]*)"
)
_SCRIPT: Final = re.compile(r"entrypoint", re.IGNORECASE)


class Instruction(NamedTuple):
    """One instruction: its name in capitals, its text on one line, where it begins."""

    name: str
    text: str
    line: int


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile, as its reference describes them.

    The lines of a here-document are passed over, up to the word that ends it.
    """
    held, start, until = "", 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if until:
            until = "" if stripped == until else until
            continue
        if not stripped or stripped.startswith("#"):
            continue
        start = start or number
        held += stripped.removesuffix("\\").rstrip() + " "
        if stripped.endswith("\\"):
            continue
        name, _, rest = held.strip().partition(" ")
        if here := re.search(r"<<-?[\"']?(\w+)", rest):
            until = here[1]
        yield Instruction(name.upper(), rest.strip(), start)
        held, start = "", 0


def read(text: str, file: str = FILE) -> Iterator[Finding]:
    """Yield what the last stage of a Dockerfile says, and the versions of all of them."""
    every = list(instructions(text))
    begins = [number for number, each in enumerate(every) if each.name == "FROM"]
    for each in every:
        if each.name == "FROM":
            yield from _image(each, file)
        elif each.name == "RUN":
            yield from _installed(each, file)
    last = every[begins[-1] :] if begins else every
    port = next((each.text.split("/")[0] for each in last if each.name == "EXPOSE"), "")
    port = port if port.isdigit() else ""
    yield from _last_stage(last, port, file)


def _image(each: Instruction, file: str) -> Iterator[Finding]:
    image = next((word for word in each.text.split() if not word.startswith("--")), "")
    name, _, tag = image.rpartition("/")[2].partition(":")
    yield from values.version(name, tag, file, each.line)


def _installed(each: Instruction, file: str) -> Iterator[Finding]:
    for match in _APT.finditer(each.text):
        names = tuple(word for word in match[1].split() if not word.startswith("-"))
        yield from values.packages(names, file, each.line)
    for match in _APK.finditer(each.text):
        named = " ".join(word for word in match[1].split() if not word.startswith("-"))
        yield unsaid(f"Alpine's packages {named}: name Debian's in [run] packages", file, each.line)


def _last_stage(last: list[Instruction], port: str, file: str) -> Iterator[Finding]:
    directory, entry, command = "", None, None
    for each in last:
        match each.name:
            case "WORKDIR":
                directory = values.directory_of(each.text.strip("\"'"), directory)
            case "ENV":
                for name, value in _pairs(each.text):
                    yield from values.variable(name, value, file, each.line)
            case "VOLUME":
                what = "files that are kept go to $HOP3_STATE_DIR, or into [run] writable"
                yield unsaid(f"VOLUME {each.text}: {what}", file, each.line)
            case "HEALTHCHECK":
                yield from _health(each, file)
            case "ENTRYPOINT":
                entry, command = each, None
            case "CMD":
                command = each
            case _:
                pass
    yield from _started(entry, command, directory, port, file)


def _started(
    entry: Instruction | None, command: Instruction | None, directory: str, port: str, file: str
) -> Iterator[Finding]:
    said = command or entry
    if said is None:
        return
    if entry and _SCRIPT.search(entry.text):
        yield unsaid(
            f"ENTRYPOINT {entry.text}: what it does before CMD is for [run] before-run",
            file,
            entry.line,
        )
        if command is None:
            return
        entry = None
    lines = [_line(each) for each in (entry, command) if each]
    text = values.in_tree(" ".join(lines), directory, port)
    yield from values.worker("web", text, file, said.line)


def _line(each: Instruction) -> str:
    try:
        argv = json.loads(each.text)
    except ValueError:
        return each.text
    if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
        return each.text
    # A shell that is given a line is what runs every worker.
    if len(argv) == 3 and argv[0] in {"sh", "/bin/sh", "bash", "/bin/bash"} and argv[1] == "-c":  # noqa: PLR2004
        return str(argv[2])
    return values.words(argv)


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the variables of an ENV, in either of its forms."""
    name, _, rest = text.partition(" ")
    if "=" not in name:
        return [(name, rest.strip())]
    try:
        found = [word.partition("=") for word in shlex.split(text)]
    except ValueError:
        return []
    return [(name, value) for name, equals, value in found if equals]


def _health(each: Instruction, file: str) -> Iterator[Finding]:
    if found := _URL.search(each.text):
        yield Finding("healthcheck", "path", found[1], file, each.line)
    elif each.text != "NONE":
        yield unsaid(
            f"HEALTHCHECK {each.text}: [healthcheck] path is asked over HTTP", file, each.line
        )
