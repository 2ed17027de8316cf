"""Command lines that leave their work to a process in the background, and end.

Whoever starts a worker looks after the process that it started: one that goes away by itself is
taken for ended, and what it has left behind is ended too.
"""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

LONG: Final = frozenset({"--daemon", "--daemonize", "--daemonise", "--daemonize2", "--detach"})
"""Options that mean it wherever they are known."""

SHORT: Final = {
    "gunicorn": {"-D"},
    "hypercorn": {"-D"},
    "memcached": {"-d"},
    "mongod": {"--fork"},
    "passenger": {"-d"},
    "php-fpm": {"-D"},
    "rackup": {"-D"},
    "rails": {"-d"},
    "setsid": {"-f", "--fork"},
    "start-stop-daemon": {"-b", "--background"},
    "thin": {"-d"},
    "unicorn": {"-D"},
    "uwsgi": {"-d"},
}
"""Options that mean it to one program."""

ALWAYS: Final = frozenset({"daemonize"})
"""Programs that do nothing else."""

NO: Final = frozenset({"no", "false", "off", "0"})
ENDS: Final = frozenset(";&|\n()")


def goes_into_background(command: str) -> str:
    """Return the word by which ``command`` leaves its work to the background; empty if none."""
    words = _words(command)
    # A word may be one that was quoted.
    if words[-1:] == ["&"] and re.search(r"[^\\]&\s*(#.*)?$", command):
        return "&"
    program = ""
    for word, following in pairwise([*words, ";"]):
        name = PurePosixPath(word).name
        if word and set(word) <= ENDS:
            program = ""
        elif not program and name in ALWAYS:
            return name
        elif name in SHORT:
            program = name
        else:
            program = program or name
            option, equals, value = word.partition("=")
            means = option in LONG or word in SHORT.get(program, ())
            if means and (value if equals else following).lower() not in NO:
                return word
    return ""


def _words(command: str) -> list[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|()")
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:  # a quote that only a shell understands
        return []
