"""A place in the text of a command line, which moves on by characters."""

from __future__ import annotations


class LineError(ValueError):
    """A command line that is not POSIX shell, or is too much for this step."""


class Cursor:
    """Where to read on in ``text``, and where to stop.

    ``taken`` is the end of the last character read. ``position`` can be further on, behind a
    backslash and a newline: these join two lines, and outside of '' the shell never sees them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.taken = 0
        self.end = len(text)

    def peek(self) -> str:
        """Return the next character, or "" at the end."""
        while self.text.startswith("\\\n", self.position, self.end):
            self.position += 2
        return self.text[self.position] if self.position < self.end else ""

    def take(self) -> str:
        """Return the next character and move behind it."""
        char = self.peek()
        self.position += len(char)
        self.taken = self.position
        return char

    def take_to(self, end: int) -> str:
        """Return all up to ``end``, joined lines too, and move there."""
        taken = self.text[self.position : end]
        self.position = self.taken = end
        return taken

    def accept(self, *operators: str) -> str:
        """Return the first of ``operators`` that is next, and move behind it; "" for none."""
        for operator in operators:
            start = self.position
            if all(self.take() == char for char in operator):
                return operator
            self.position = start
        return ""

    def skip_blanks(self, *, newlines: bool = False) -> None:
        """Move behind blanks and comments."""
        while (char := self.peek()) and char in (" \t#\n" if newlines else " \t#"):
            if char == "#":
                newline = self.text.find("\n", self.position, self.end)
                self.position = self.end if newline < 0 else newline
            else:
                self.take()
