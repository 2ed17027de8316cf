"""Texts that a Hop3 server has a shell fill in, in the grammar of start data.

Its templates put them between double quotes or into a here-document. Of what a shell would do
there, variables are kept; a command is refused, unless it asks for the directory or for randomness.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.config.values import wrong
from hop3_nix.postbuild.texts import literal
from hop3_nix.startdata import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR: Final = re.compile(r":?[-?+]")
_RANDOM: Final = re.compile(
    r"\s*(?:head -c ?(?P<bytes>\d+) /dev/urandom \| base64(?: -w ?0)?"
    r"|openssl rand -(?P<kind>hex|base64) (?P<length>\d+))\s*"
)

NO_COMMANDS: Final = (
    "Values are data. Have a step of pre-exec write what the command prints into a file; for a "
    'secret, write NAME = { generate = "base64" } into [env], and ${NAME} here.'
)


class Converted(NamedTuple):
    """A text in the grammar of start data, and the secrets that it asks for."""

    text: str
    secrets: tuple[Secret, ...] = ()


def converted(
    text: str, name: str, words: Mapping[str, str], *, quoted: bool = True, below: tuple[str, ...]
) -> Converted:
    """Return ``text``; a secret that it makes itself is called after ``name``.

    ``words`` are the capitals that a template replaces, with the text that stands for each.
    ``quoted`` says that it stands between double quotes, where a backslash also guards those and
    a backquote runs a command. Raises what `wrong` makes for ``below``.
    """
    reader = _Reader(text, name, words, quoted=quoted, below=below)
    found = reader.read("")
    return Converted(found, tuple(reader.secrets))


class _Reader:
    def __init__(
        self,
        text: str,
        name: str,
        words: Mapping[str, str],
        *,
        quoted: bool,
        below: tuple[str, ...],
    ) -> None:
        self.secrets: list[Secret] = []
        self._text = text
        self._at = 0
        self._name = name
        self._words = words
        self._word = re.compile("|".join(map(re.escape, words)) or r"(?!)")
        self._guarded = '$\\`"' if quoted else "$\\`"
        self._quoted = quoted
        self._below = below

    def read(self, closer: str) -> str:
        said, plain = "", ""
        while self._at < len(self._text) and self._text[self._at] != closer:
            char = self._text[self._at]
            if char == "\\" and self._text[self._at + 1 : self._at + 2] in {*self._guarded}:
                plain += self._text[self._at + 1]
                self._at += 2
            elif char == "\\" and self._text.startswith("\\\n", self._at):
                self._at += 2
            elif char == "`" and self._quoted:
                raise self._refused("runs a command", NO_COMMANDS)
            elif char == "$" and (found := self._dollar()):
                said, plain = said + self._plain(plain) + found, ""
            else:
                plain += char
                self._at += 1
        if closer and self._at == len(self._text):
            raise self._refused("has a ${ that is not closed", "Close it with }.")
        return said + self._plain(plain)

    def _plain(self, text: str) -> str:
        return self._word.sub(lambda match: self._words[match[0]], literal(text))

    def _dollar(self) -> str:
        """Return what stands for the expansion here, "" if it is a dollar sign as it stands."""
        text, start = self._text, self._at
        if text.startswith("$(", start):
            return self._command()
        if text.startswith("${", start):
            return self._braced()
        name = _NAME.match(text, start + 1)
        if name:
            self._at = name.end()
            return f"${{{name[0]}-}}"
        if text[start + 1 : start + 2] in {*"0123456789@*#?!$-"} - {""}:
            raise self._refused(
                f"has {text[start : start + 2]}, which has no value", "Take it out."
            )
        return ""

    def _braced(self) -> str:
        text = self._text
        name = _NAME.match(text, self._at + 2)
        operator = _OPERATOR.match(text, name.end()) if name else None
        if name is None or (text[name.end() : name.end() + 1] != "}" and operator is None):
            what = (
                f"has {text[self._at : self._at + 12]}, which is more than the value of a variable"
            )
            raise self._refused(what, "Write ${NAME}, ${NAME:-default} or ${NAME:?message}.")
        if operator is None:
            self._at = name.end() + 1
            return f"${{{name[0]}-}}"
        self._at = operator.end()
        word = self.read("}")
        self._at += 1
        return f"${{{name[0]}{operator[0]}{word}}}"

    def _command(self) -> str:
        end = self._text.find(")", self._at)
        command = self._text[self._at + 2 : end]
        if end >= 0 and command.strip() == "pwd":
            self._at = end + 1
            return "${PWD}"
        random = _RANDOM.fullmatch(command)
        if end < 0 or random is None:
            raise self._refused(f"runs a command: $({command.strip()})", NO_COMMANDS)
        self._at = end + 1
        number = f"_{len(self.secrets) + 1}" if self.secrets else ""
        name = f"GENERATED_{re.sub('[^A-Za-z0-9]+', '_', self._name).upper()}{number}"
        kind = "hex" if random["kind"] == "hex" else "base64"
        length = int(random["bytes"] or random["length"])
        self.secrets.append(Secret(name=name, kind=kind, length=length))
        return f"${{{name}}}"

    def _refused(self, what: str, tip: str) -> Exception:
        return wrong(what, tip, *self._below)
