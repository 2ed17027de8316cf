"""The text of the launchers, and of command lines whose words were replaced."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from hop3_nix.workers.environment import APP_DIR, KEEP

from .bash import BUILTINS

if TYPE_CHECKING:
    from .commandline import CommandLine
    from .spec import Spec

NO_ARGUMENTS: Final = (
    '[ $# -eq 0 ] || { echo "$0: takes no arguments, as it runs more than one command" >&2; '
    "exit 64; }\n"
)

TREE: Final = "hop3_tree"
KEPT: Final = "hop3_kept"
"""The launcher's own variables, which no worker sees."""

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
    return NO_ARGUMENTS + in_order(lines)


def in_order(lines: list[str]) -> str:
    """Return the same as a part of a launcher that goes on behind."""
    return "".join(f"(\n{line}\n) || exit $?\n" for line in lines)


def launcher(spec: Spec, body: str, *, required: bool = True, start: str = "") -> str:
    """Return a script that sets the environment, goes to the app's tree and runs ``body``.

    The tree is the artifact's own, or what the starter names in HOP3_APP_DIR; variables that the
    starter names in HOP3_KEEP stay as they are set. If the app's ``required`` variables matter to
    what is run, it ends with 78 when one is not set. ``start`` is the file that carries out the
    start data, if there are any.
    """
    tree = shlex.quote(spec.moved_tree)
    lines = [
        f"#!{spec.shell}",
        f'{TREE}=${{{APP_DIR}:-{tree}}} {KEPT}=" ${{{KEEP}-}} "',
        f"unset {APP_DIR} {KEEP}",
        f'[ -z "${{{TREE}##/*}}" ] || {{ echo "$0: {APP_DIR}: not absolute" >&2; exit 64; }}',
    ]
    lines += [_variable(spec, name, value) for name, value in sorted(spec.env.items())]
    if required:
        lines += [_needs(name) for name in sorted(set(spec.required))]
    path = said(spec, ":".join(spec.path)) + ("${PATH:+:$PATH}" if spec.mode == "local" else "")
    lines += [_unless_kept("PATH", path), "export PATH"]
    lines += [f"cd {said(spec, spec.working_dir)} || exit 126"]
    lines += [f". {shlex.quote(start)}"] if start else []
    lines += [body]
    return "\n".join(lines)


def said(spec: Spec, text: str) -> str:
    """Return ``text`` as a word of a launcher, in which the app's tree is where it is started."""
    if spec.moved_tree not in text:
        return shlex.quote(text)
    parts = re.split(re.escape(spec.moved_tree) + r"(?![\w.+-])", text)
    return f'"${TREE}"'.join(shlex.quote(part) if part else "" for part in parts) or "''"


def _variable(spec: Spec, name: str, value: str) -> str:
    if name in spec.defaults:
        return f"export {name}=${{{name}-{said(spec, value)}}}"
    return f"{_unless_kept(name, said(spec, value))}; export {name}"


def _needs(name: str) -> str:
    return (
        f'[ -n "${{{name}+set}}" ] || {{ echo "$0: {name} is not set, and the app needs it" >&2; '
        "exit 78; }"
    )


def _unless_kept(name: str, value: str) -> str:
    return f'[ -z "${{{KEPT}##* {name} *}}" ] || {name}={value}'
