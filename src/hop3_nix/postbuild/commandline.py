"""A command line, read as far as it takes to know which of its words are programs."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .commands import Program, Scope, first_command, programs
from .cursor import Cursor, LineError
from .words import Word, Words

OPENERS: Final = frozenset({"if", "while", "until", "for", "{"})
CLOSERS: Final = frozenset({"fi", "done", "}"})
JOINERS: Final = frozenset({"then", "elif", "else", "do"})
BASH_ONLY: Final = frozenset({"[[", "function", "select", "coproc"})


class Tail(NamedTuple):
    """The simple command that a line ends with: its command word, if it has one; its end."""

    word: Word | None
    end: int


class CommandLine:
    """A POSIX shell command line, read far enough to know its words in command position.

    Raises LineError for here-documents, for what only bash understands, and for most of what is
    not shell at all; the shell itself is asked about the rest.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.programs: list[Program] = []
        self.functions: set[str] = set()
        self.tail: Tail | None = None
        self.simple: list[Word] | None = None
        self._at = Cursor(text)
        self._words = Words(self._at, self._list)
        self._scope = Scope()
        self._count = 0
        self._level = 0
        self._open = 0
        self._negated = False
        self._branched = False
        try:
            self._list("")
        except RecursionError:
            raise LineError("is nested too deeply") from None
        if not self._count:
            raise LineError("holds no command")

    @property
    def single(self) -> bool:
        """Say whether the line is one simple command, to which arguments can be added."""
        return self._count == 1 and self.tail is not None and self.tail.word is not None

    def plain(self, found: dict[int, tuple[int, str]]) -> tuple[str, ...]:
        """Return the words that the line is made of; () if a shell does more than to split them.

        ``found`` has the place of each program, and its file.
        """
        if not self.single or self.simple is None or any(word.assigns for word in self.simple):
            return ()
        texts = [found[w.start][1] if w.start in found else w.text for w in self.simple]
        if texts[:1] == ["exec"]:
            texts = texts[1:]
        words = tuple(text for text in texts if text is not None)
        return words if len(words) == len(texts) and words[:1] and words[0][:1] == "/" else ()

    @property
    def positional(self) -> bool:
        """Say whether the line itself places the arguments that it is given."""
        return self._words.positional and not self.functions

    @property
    def traps(self) -> bool:
        """Say whether the line sets a trap, which is for the shell that runs it."""
        return any(program.word.text == "trap" for program in self.programs)

    def _list(self, closer: str) -> bool:
        """Read commands up to ``closer``; return whether more patterns of a case follow."""
        scope = self._scope
        self._level += 1
        piped = waiting = False
        while not self._closes(operator := self._separator(closer), closer):
            if operator == "\n":
                piped = piped and waiting
            elif operator:
                piped = waiting = operator == "|"
                self._branched |= operator == "||"
                self._end_tail(keep=operator not in {"|", "&"})
            else:
                waiting = False
                self._command()
                self._end_tail(keep=not piped)
        self._level -= 1
        if closer != "esac":
            self._scope = scope
        return operator == ";;"

    def _separator(self, closer: str) -> str:
        at = self._at
        at.skip_blanks()
        if at.accept("&>", "|&"):
            raise LineError("uses &> or |& of bash; write `>FILE 2>&1` or `2>&1 |`")
        if at.accept(";;&", ";;", ";&"):
            return ";;"
        start = at.position
        if closer == "esac" and at.accept(closer) and at.peek() in {"", *" \t\n;&|<>()"}:
            return closer
        at.position = start
        return at.accept("&&", "||", ";", "&", "|", ")", "\n")

    def _closes(self, operator: str, closer: str) -> bool:
        if operator == closer == "esac":
            return True
        if operator not in {"", ")", ";;"} or (not operator and self._at.peek()):
            return False
        if closer != ("esac" if operator == ";;" else operator):
            raise LineError(f"has {operator} too many" if operator else f"has no {closer}")
        return True

    def _end_tail(self, *, keep: bool) -> None:
        if self._level == 1 and not keep:
            self.tail = None

    def _begin(self) -> None:
        self._end_tail(keep=False)
        self._count += self._level == 1

    def _command(self) -> None:
        """Read one simple command, one subshell, or one reserved word with what it names."""
        at = self._at
        if at.peek() in {"<", ">"}:
            self._begin()
            self._simple([])
        elif at.accept("("):
            if at.peek() == "(":
                raise LineError("uses (( of bash; a subshell in a subshell is written `( (`")
            self._begin()
            self._list(")")
        else:
            word = self._words.read()
            name = word.text if word.plain and word.text else ""
            if name in BASH_ONLY:
                raise LineError(f"uses {name}, which is not POSIX shell")
            if name in OPENERS or name == "case":
                self._compound(name)
            elif name in CLOSERS:
                self._open -= self._level == 1
                self._end_tail(keep=False)
            elif name in {"!", "time"}:
                self._negate(name)
            elif name not in JOINERS:
                self._begin()
                self._simple([word])

    def _compound(self, name: str) -> None:
        self._begin()
        self._branched = True
        if name == "case":
            self._case()
            return
        self._open += self._level == 1
        if name == "for":
            self._for()

    def _negate(self, name: str) -> None:
        at = self._at
        self._begin()
        self._negated = self._level == 1
        at.skip_blanks()
        start = at.position
        if name == "!" or not (at.accept("-p") and at.peek() in {"", " ", "\t"}):
            at.position = start

    def _for(self) -> None:
        at = self._at
        self._word()
        at.skip_blanks(newlines=True)
        if not re.match(r"in[ \t\n;\\]", at.text[at.position : at.end]):
            return
        while (char := at.peek()) and char not in ";\n":
            self._words.read()
            at.skip_blanks()

    def _case(self) -> None:
        at = self._at
        self._word()
        at.skip_blanks(newlines=True)
        if self._words.read().text != "in":
            raise LineError("has a case without `in`")
        more = True
        while more:
            at.skip_blanks(newlines=True)
            opened = at.accept("(")
            if self._word().text == "esac" and not opened:
                return
            at.skip_blanks()
            while at.accept("|"):
                self._word()
                at.skip_blanks()
            if not at.accept(")"):
                raise LineError("has a case pattern without )")
            more = self._list("esac")

    def _word(self) -> Word:
        self._at.skip_blanks()
        return self._words.read()

    def _simple(self, words: list[Word]) -> None:
        """Read a simple command whose first word, if any, was read already."""
        at = self._at
        end = at.taken
        redirected = False
        while True:
            if words and words[-1].end == at.taken and at.peek() in {"<", ">"}:
                number = words[-1]
                if number.plain and re.fullmatch("[0-9]+", number.text or ""):
                    words.pop()
            at.skip_blanks()
            char = at.peek()
            if not char or char in "\n;&|)":
                break
            if char == "(":
                self._function(words)
                return
            if char in "<>":
                self._redirection()
                redirected = True
            else:
                words.append(self._words.read())
            end = at.taken
        self.simple = None if redirected else words
        self._scope = self._scope.behind(words, certain=not self._branched)
        self.programs += programs(words, self._scope)
        if self._level == 1 and self._open == 0 and not self._negated:
            index = first_command(words)
            self.tail = Tail(words[index] if index < len(words) else None, end)
        self._negated = False

    def _redirection(self) -> None:
        at = self._at
        if at.accept("<<"):
            raise LineError("has a here-document, which does not fit on a command line")
        at.accept("<&", "<>", ">>", ">&", ">|", "<", ">")
        if at.peek() == "(":
            raise LineError("uses <( or >( of bash")
        self._word()

    def _function(self, words: list[Word]) -> None:
        at = self._at
        at.take()
        at.skip_blanks()
        if len(words) != 1 or words[0].assigns or not words[0].text or not at.accept(")"):
            raise LineError("has ( too many")
        self.functions.add(words[0].text)
