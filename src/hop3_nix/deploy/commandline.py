"""A worker's command line as arguments, so that no shell stands between manager and worker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.artifact import is_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SYSTEM_SHELL: Final = "/bin/sh"

PIECE: Final = re.compile(
    r"""
      (?P<space>[ \t]+)
    | (?P<plain>[\w@%+:,./^-]+|=)
    | '(?P<single>[^']*)'
    | "(?P<double>(?:[^"$`\\]|\$(?:PORT\b|\{PORT\}))*)"
    | (?P<port>\$(?:PORT\b|\{PORT\}))
    """,
    re.VERBOSE | re.ASCII,
)
"""What stands for itself whatever shell reads it; POSIX.1-2017, 2.2 and 2.6."""

PORT: Final = re.compile(r"\$(?:PORT\b|\{PORT\})", re.ASCII)


def argv_of(line: str, shell: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the arguments that start ``line``: those it is made of, or ``shell`` and it.

    It is taken apart if a shell would do no more than that. Only $PORT is filled in, from ``env``.
    """
    words = split(line, env.get("PORT", ""))
    if words is not None and words[:1] == ["exec"]:
        words = words[1:]
    if words and words[0].startswith("/"):
        return tuple(words)
    return (shell, "-c", line)


def split(line: str, port: str) -> list[str] | None:
    """Return the words of ``line``, or None if they depend on what a shell would make of it."""
    words: list[str] = []
    inside = False
    at = 0
    line = line.strip(" \t")
    while at < len(line):
        match = PIECE.match(line, at)
        if match is None:
            return None
        at = match.end()
        if match["space"] is not None:
            inside = False
            continue
        text = next(text for text in match.groups() if text is not None)
        if match["single"] is None:
            # Without a port, or unquoted with an empty one, a shell drops or splits the word.
            if PORT.search(text) and not port:
                return None
            text = PORT.sub(port, text)
        words = [*words[:-1], words[-1] + text] if inside else [*words, text]
        inside = True
    return words


def shell_of(path: Sequence[str]) -> str:
    """Return the shell among the programs in ``path``, else the system's."""
    found = (Path(directory, name) for directory in path for name in ("bash", "sh"))
    return next((str(shell) for shell in found if is_program(shell)), SYSTEM_SHELL)
