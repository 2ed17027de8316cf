"""The text of the launchers, and of command lines whose words were replaced."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from .bash import BUILTINS

if TYPE_CHECKING:
    from .commandline import CommandLine
    from .spec import Spec

NO_ARGUMENTS: Final = (
    '[ $# -eq 0 ] || { echo "$0: takes no arguments, as it runs more than one command" >&2; '
    "exit 64; }\n"
)

Edits = dict[int, tuple[int, str]]
"""Start of each part of a text to replace: its end, and what to put there."""


def edited(text: str, edits: Edits) -> str:
    """Return ``text`` with ``edits`` made."""
    parts, position = [], 0
    for start, (end, replacement) in sorted(edits.items()):
        parts += [text[position:start], replacement]
        position = end
    return "".join([*parts, text[position:]])


def line_body(line: CommandLine, edits: Edits) -> str:
    """Return the shell text with which the launcher of a line ends.

    The last command replaces the shell, so that signals and the exit status are its own.
    """
    tail, edits = line.tail, dict(edits)
    takes_arguments = line.positional
    if tail and tail.word:
        start, name = tail.word.start, tail.word.text
        if not line.traps and name not in BUILTINS and name not in line.functions:
            end, said = edits.get(start, (start, ""))
            edits[start] = (end, f"exec {said}")
        if line.single and not takes_arguments:
            takes_arguments = True
            edits[tail.end] = (tail.end, ' "$@"')
    return f"{'' if takes_arguments else NO_ARGUMENTS}{edited(line.text, edits)}\n"


def steps_body(lines: list[str]) -> str:
    """Return the shell text that runs each line in a shell of its own, up to one that fails."""
    return NO_ARGUMENTS + "".join(f"(\n{line}\n) || exit $?\n" for line in lines)


def launcher(spec: Spec, body: str) -> str:
    """Return a script that sets the environment, goes to the app and runs ``body``."""
    exports = []
    for name, value in sorted(spec.env.items()):
        said = shlex.quote(value)
        exports.append(f"{name}=" + (f"${{{name}-{said}}}" if name in spec.defaults else said))
    path = shlex.quote(":".join(spec.path))
    exports.append(f"PATH={path}" + ("${PATH:+:$PATH}" if spec.mode == "local" else ""))
    directory = shlex.quote(spec.working_dir)
    return f"#!{spec.shell}\nexport {' '.join(exports)}\ncd {directory} || exit 126\n{body}"
