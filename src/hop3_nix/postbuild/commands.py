"""What a simple command runs: its own program, and those behind programs that run another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .words import Word


class Wrapper(NamedTuple):
    """What stands between a program that runs another command and that command."""

    valued: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    operands: int = 0
    assigns: bool = False


WRAPPERS: Final = {
    "exec": Wrapper(("-a",)),
    "command": Wrapper(stops=("-v", "-V")),
    "nohup": Wrapper(),
    "nice": Wrapper(("-n", "--adjustment")),
    "env": Wrapper(
        ("-u", "--unset"), stops=("-S", "--split-string", "-C", "--chdir"), assigns=True
    ),
    "timeout": Wrapper(("-k", "-s", "--kill-after", "--signal"), operands=1),
    "stdbuf": Wrapper(("-i", "-o", "-e", "--input", "--output", "--error")),
}


class Program(NamedTuple):
    """A word in command position; the directory gone to by then, None if it is not known.

    ``own_path``: the line itself sets PATH. ``outer``: not the shell runs it but a program does,
    which knows no builtins and no functions.
    """

    word: Word
    directory: str | None
    own_path: bool
    outer: bool


class Scope(NamedTuple):
    """What commands change for those behind them: a subshell has a copy of its own."""

    directory: str | None = ""
    own_path: bool = False

    def behind(self, words: list[Word], *, certain: bool) -> Scope:
        """Return the scope behind the command ``words``, which may not be run if not ``certain``.

        Where the command itself sets PATH, its own programs are looked up there as well.
        """
        index = first_command(words)
        name = words[index].text if index < len(words) else None
        setting = words if name in {"export", "env", "declare", "readonly"} else words[:index]
        own_path = self.own_path or any(word.assigns == "PATH" for word in setting)
        directory = self.directory
        if name == "cd":
            gone = [word.text for word in words[index + 1 :] if word.text not in _CD_OPTIONS]
            target = gone[0] if len(gone) == 1 and certain else None
            known = directory is not None and target and target != "-"
            directory = os.path.join(directory or "", target or "") if known else None
        return Scope(directory, own_path)


_CD_OPTIONS: Final = frozenset({"--", "-L", "-P"})


def first_command(words: list[Word]) -> int:
    """Return the index of the first word that is no assignment."""
    return next((i for i, word in enumerate(words) if not word.assigns), len(words))


def programs(words: list[Word], scope: Scope) -> list[Program]:
    """Return the words that name programs, in the order in which they run each other."""
    found: list[Program] = []
    index = first_command(words)
    outer = False
    while index < len(words):
        word = words[index]
        found.append(Program(word, scope.directory, scope.own_path, outer))
        outer |= word.text != "command"
        wrapper = WRAPPERS.get(os.path.basename(word.text or ""))
        index = _behind(wrapper, words, index + 1) if wrapper else len(words)
    return found


def _behind(wrapper: Wrapper, words: list[Word], index: int) -> int:
    """Return the index of the command that ``wrapper`` runs, or a higher one than any."""
    operands, ended = wrapper.operands, False
    while index < len(words):
        text = words[index].text or ""
        if text.startswith("-") and not ended:
            ended = text == "--"
            long = text.partition("=")[0]
            options = [long] if long.startswith("--") else [f"-{letter}" for letter in text[1:]]
            if any(option in wrapper.stops for option in options):
                return len(words)
            valued = next((option for option in options if option in wrapper.valued), "")
            index += 2 if valued and text.endswith(valued[1:]) and text == long else 1
        elif wrapper.assigns and "=" in words[index].raw:
            index += 1
        elif operands:
            operands -= 1
            index += 1
        else:
            break
    return index
