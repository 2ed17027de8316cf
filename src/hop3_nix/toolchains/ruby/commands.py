"""Command lines that go through Bundler, written as what Bundler would run.

The programs of the locked gems that are on PATH load Bundler themselves, so that `bundle exec` in
front of one is a second start of Ruby and nothing else.
"""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = r"""(?:[^\s'"\\;&|()<>`]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+"""
_COMMAND: Final = re.compile(
    rf"""
    (?P<before>(?:^|&&|\|\||[;|&(\n])\s*)                 # where a command begins
    (?P<prefix>(?:(?:[A-Za-z_]\w*=(?:{_WORD})?|exec)[ \t]+)*)  # variables of it, exec
    bundle[ \t]+exec[ \t]+(?P<program>{_WORD})
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED: Final = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)

LOADED: Final = "RUBYOPT=-rbundler/setup"
"""What `bundle exec` tells the Rubies that a program starts."""

_SHELLS: Final = frozenset({"bash", "env", "sh"})


def without_bundle_exec(line: str) -> str:
    """Return ``line`` with each `bundle exec PROGRAM` as what it runs.

    `ruby` gets Bundler by an option, scripts and shells by a variable. What has options for
    `bundle exec` itself stays as it is.
    """

    def replace(match: re.Match[str]) -> str:
        program = match["program"]
        inside = any(q.start() < match.end() - 1 < q.end() for q in _QUOTED.finditer(line))
        if program.startswith("-") or (inside and not _QUOTED.search(program)):
            return match[0]
        front = f"{match['before']}{match['prefix']}"
        if program == "ruby":
            return f"{front}ruby -rbundler/setup"
        if "/" in program or program in _SHELLS:
            return f"{front}env {LOADED} {program}"
        return f"{front}{program}"

    return _COMMAND.sub(replace, line)
