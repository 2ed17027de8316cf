"""The words of a command line, with their quotations and expansions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .cursor import Cursor, LineError

if TYPE_CHECKING:
    from collections.abc import Callable

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_PATTERN: Final = re.compile(r".\[.*\]|\[.+\]|\{.*(,|\.\.).*\}")
_EXPANDS: Final = re.compile(r"[({@*#?$!_A-Za-z0-9-]")
_POSITIONAL: Final = re.compile(r"[@*1-9]|#[@*}]")
_TRIMS: Final = re.compile(r"[#!]?(\w+|[@*#?$!-])[#%/^,]")
_DOLLAR_QUOTED: Final = re.compile(r"'(?:[^\\']|\\.)*'", re.DOTALL)
_BACKQUOTED: Final = re.compile(r"(?:[^`\\]|\\.)*`", re.DOTALL)


class Word(NamedTuple):
    """One word: where it stands, as what, and what it says (None: known only at run time).

    ``plain``: without quotes. ``assigns``: the variable, if it has the form of an assignment.
    """

    start: int
    raw: str
    text: str | None
    plain: bool
    assigns: str

    @property
    def end(self) -> int:
        """Return the place behind the word."""
        return self.start + len(self.raw)


class Words:
    """Reads words; ``commands(closer)`` reads the commands inside of them. Raises LineError.

    ``positional``: an argument of the line's own, such as "$@" or $1, was read.
    """

    def __init__(self, cursor: Cursor, commands: Callable[[str], object]) -> None:
        self.positional = False
        self._at = cursor
        self._commands = commands

    def read(self) -> Word:
        """Return the next word."""
        at = self._at
        at.peek()
        start = at.taken = at.position
        text: list[str | None] = []
        plain = True
        assigns = ""
        equals = False
        while (char := at.peek()) and char not in " \t\n;&|<>()":
            plain = plain and char not in "'\"\\"
            if char == "=" and not equals:
                equals = True
                name = re.sub(r"\+$", "", "".join(part or "$" for part in text))
                assigns = name if plain and NAME.fullmatch(name) else ""
            text.extend(self._piece(char, first=not text))
        if at.taken == start:
            raise LineError(f"has {char} where a word is needed" if char else "ends too early")
        if assigns and char == "(":
            raise LineError("uses an array of bash")
        said = None if None in text else "".join(part or "" for part in text)
        if plain and said and _PATTERN.search(said):
            said = None
        return Word(start, at.text[start : at.taken], said, plain, assigns)

    def _piece(self, char: str, *, first: bool) -> list[str | None]:
        """Read on by a character, a quotation or an expansion, which gives None."""
        if char in "$`\"'\\":
            return self._quotation()
        self._at.take()
        return [None if char in "*?" or (char == "~" and first) else char]

    def _quotation(self) -> list[str | None]:
        at = self._at
        char = at.take()
        if char == "'":
            close = at.text.find("'", at.position, at.end)
            if close < 0:
                raise LineError("has an open '")
            return [at.take_to(close + 1)[:-1]]
        if char == '"':
            return self._double_quoted()
        if char == "\\":
            if at.position >= at.end:
                raise LineError("ends with a backslash")
            return [at.take_to(at.position + 1)]
        return self._backquoted() if char == "`" else self._dollar(quoted=False)

    def _double_quoted(self) -> list[str | None]:
        at = self._at
        said: list[str | None] = [""]
        while (char := at.take()) != '"':
            if not char:
                raise LineError('has an open "')
            if char == "\\" and at.position < at.end:
                following = at.take_to(at.position + 1)
                said.append(following if following in '$`"\\' else "\\" + following)
            elif char == "$":
                said.extend(self._dollar(quoted=True))
            elif char == "`":
                said.extend(self._backquoted())
            else:
                said.append(char)
        return said

    def _dollar(self, *, quoted: bool) -> list[str | None]:
        at = self._at
        char = at.peek()
        if char == "[" or (char == '"' and not quoted):
            raise LineError(f"uses ${char} of bash")
        if char == "'" and not quoted:
            close = _DOLLAR_QUOTED.match(at.text, at.position, at.end)
            if not close:
                raise LineError("has an open $'")
            at.take_to(close.end())
            return [None]
        if not _EXPANDS.match(char):
            return ["$"]
        at.take()
        self.positional |= char in "@*#123456789"
        if char == "{":
            self._parameter(quoted=quoted)
        elif char == "(" and at.peek() == "(":
            self._arithmetic()
        elif char == "(":
            self._commands(")")
        return [None]

    def _arithmetic(self) -> None:
        depth = 0
        while True:
            char = self._at.take()
            if not char or char in "'\\`":
                raise LineError("has $(( without ))" if not char else f"has {char} inside $(( ))")
            if char == "$":
                self._dollar(quoted=True)
            depth += (char == "(") - (char == ")")
            if depth == 0:
                break
        if not self._at.accept(")"):
            raise LineError("has $(( without )); a subshell in $( ) is written `$( (`")

    def _parameter(self, *, quoted: bool) -> None:
        at = self._at
        self.positional |= bool(_POSITIONAL.match(at.text, at.position))
        # Inside "…", ' is a quote only in the pattern that # or % removes.
        trims = _TRIMS.match(at.text, at.position)
        quotes = "$`\\\"'" if not quoted or trims else '$`\\"'
        while (char := at.peek()) != "}":
            if not char:
                raise LineError("has ${ without }")
            if char == "$":
                at.take()
                self._dollar(quoted=quoted)
            elif char in quotes:
                self._quotation()
            else:
                at.take()
        at.take()

    def _backquoted(self) -> list[str | None]:
        at = self._at
        close = _BACKQUOTED.match(at.text, at.position, at.end)
        if not close:
            raise LineError("has an open `")
        end, outer = close.end() - 1, at.end
        # With a backslash, what the inner shell reads is not what stands here.
        if "\\" not in at.text[at.position : end]:
            at.end = end
            self._commands("")
            at.end = outer
        at.take_to(end + 1)
        return [None]
