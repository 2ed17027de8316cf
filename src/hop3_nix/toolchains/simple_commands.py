"""The simple commands of a command line, as far as they can be told without a shell."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATES: Final = frozenset(";&|()\n")
_ASSIGNS: Final = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_EXPANDS: Final = re.compile(r"[$`*?\[{~]")
_BEFORE: Final = frozenset({"exec", "env", "nohup", "command", "time", "!"})
_KEYWORDS: Final = frozenset(
    {"if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{"}
)


class Command(NamedTuple):
    """A simple command: its words, its own variables, and the directory it is run in.

    The directory is relative to the application, and None if it cannot be told.
    """

    words: tuple[str, ...]
    env: dict[str, str]
    directory: str | None

    @property
    def program(self) -> str:
        """Return the name of what is run."""
        return posixpath.basename(self.words[0])

    def path(self, word: str) -> str | None:
        """Return the application's file that ``word`` means here, None if that is unknown."""
        if self.directory is None or word.startswith("/") or not is_plain(word):
            return None
        found = posixpath.normpath(posixpath.join(self.directory, word))
        return None if found.startswith("..") else found

    def value_of(self, *options: str) -> str:
        """Return the value of the first of ``options`` that is there, or nothing."""
        for number, word in enumerate(self.words[1:], start=1):
            name, equals, value = word.partition("=")
            if name in options:
                rest = self.words[number + 1 : number + 2]
                return value if equals else "".join(rest)
        return ""


def is_plain(word: str) -> bool:
    """Return whether no shell makes another word of ``word``."""
    return _EXPANDS.search(word) is None


def simple_commands(line: str) -> Iterator[Command]:
    """Yield the commands of ``line``; none of a line that only a shell understands."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()\n")
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    try:
        tokens = [*lexer, ";"]
    except ValueError:
        return
    words: list[str] = []
    directory: str | None = ""
    for each in tokens:
        if not (each and set(each) <= _SEPARATES):
            words.append(each)
            continue
        env, rest = _assignments(words)
        words = []
        if rest and rest[0] in _KEYWORDS:
            # What such a command runs is not told by its place.
            return
        if rest[:1] == ["cd"]:
            directory = _gone_to(directory, rest[1:])
        elif rest:
            yield Command(tuple(rest), env, directory)
        if set(each) & {"(", ")", "|"}:
            # A subshell goes back, and || may not run what stands before.
            directory = directory if each == "|" else None


def _assignments(words: list[str]) -> tuple[dict[str, str], list[str]]:
    env: dict[str, str] = {}
    rest = list(words)
    while rest:
        if found := _ASSIGNS.fullmatch(rest[0]):
            env[found[1]] = found[2]
        elif rest[0] not in _BEFORE:
            break
        rest.pop(0)
    return env, rest


def _gone_to(directory: str | None, words: list[str]) -> str | None:
    if directory is None or len(words) != 1 or words[0].startswith("/") or not is_plain(words[0]):
        return None
    return posixpath.normpath(posixpath.join(directory, words[0])).removeprefix("./")
