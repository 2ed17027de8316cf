"""What bash has of its own, so that there is no program to find, and what it says of a line."""

from __future__ import annotations

import subprocess
from typing import Final

from .cursor import LineError


def names(text: str) -> frozenset[str]:
    """Return the words of ``text``."""
    return frozenset(text.split())


BUILTINS: Final = names(
    ". : [ alias bg break builtin caller cd command continue declare dirs disown echo enable eval"
    " exec exit export false fc fg getopts hash help jobs kill let local logout mapfile popd"
    " printf pushd pwd read readarray readonly return set shift shopt source suspend test times"
    " trap true type typeset ulimit umask unalias unset wait"
)
VARIABLES: Final = names(
    "BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_COMPAT"
    " BASH_LINENO BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO BASH_XTRACEFD DIRSTACK EPOCHREALTIME"
    " EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD IFS LINENO OLDPWD OPTIND PATH PPID PWD RANDOM"
    " SECONDS SHELLOPTS SHLVL SRANDOM UID _"
)
"""Variables that bash sets or refuses to be given."""


def check_syntax(shell: str, text: str) -> None:
    """Have the shell read ``text`` without running any of it. Raises LineError."""
    run = subprocess.run(
        [shell, "-n"],
        input=text.encode(),
        stderr=subprocess.PIPE,
        env={"LC_ALL": "C"},
        check=False,
    )
    said = run.stderr.decode(errors="replace").partition("\n")[0]
    if run.returncode or said:
        raise LineError(f"is not shell: {said.partition(': ')[2]}")
