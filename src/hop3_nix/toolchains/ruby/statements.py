"""Ruby code as statements: words, strings and symbols in their order, and no meaning yet.

As much of the language as a Gemfile is written in. What is not known becomes a token of its own,
so that a reader sees that there is something; nothing is evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["word", "text", "symbol", "label", "list", "mark"]


@dataclass(frozen=True)
class Token:
    """A word, a literal text or symbol, a ``label:``, a list of texts, or any other character.

    ``value`` is without quotes and colons; ``items`` are those of a list such as ``%w[a b]``.
    """

    kind: Kind
    value: str
    line: int
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """A line of code as Ruby takes it, however many lines it is written on."""

    tokens: tuple[Token, ...]

    @property
    def line(self) -> int:
        """Return the number of its first line."""
        return self.tokens[0].line

    @property
    def first(self) -> str:
        """Return the word that it begins with, or nothing."""
        return self.tokens[0].value if self.tokens[0].kind == "word" else ""


class UnreadableError(ValueError):
    """Code that is not understood, from ``line`` on."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


_TOKEN: Final = re.compile(
    r"""
      (?P<space>[ \t\r]+|\\\n)
    | (?P<comment>\#[^\n]*|^=begin\b.*?^=end\b[^\n]*)
    | (?P<newline>\n|;)
    | (?P<list>%[wWiI](?:\[[^\]]*\]|\([^)]*\)|\{[^}]*\}))
    | (?P<single>'(?:[^'\\]|\\.)*')
    | (?P<double>"(?:[^"\\]|\\.)*")
    | (?P<label>[A-Za-z_]\w*[?!]?:(?!:))
    | (?P<symbol>:(?:[A-Za-z_]\w*[?!]?|"[^"\\]*"|'[^'\\]*'))
    | (?P<word>[A-Za-z_@$][\w@]*[?!]?|\d[\w.]*)
    | (?P<heredoc><<[~-]?["'A-Z])
    | (?P<mark>=>|->|::|&&|\|\||[<>=!~]=|=~|.)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

_CONTINUES: Final = frozenset({",", "=>", "&&", "||", "(", "[", "{", "|", "=", ".", "+"})
"""A line that ends with one of these goes on."""

_BRACKETS: Final = {"(": ")", "[": "]", "{": "}"}


def statements(code: str) -> Iterator[Statement]:
    """Yield the statements of ``code``; raises UnreadableError."""
    tokens: list[Token] = []
    depth = 0
    for token in _tokens(code):
        if token.kind == "mark" and token.value == "\n":
            goes_on = depth or (
                tokens and tokens[-1].kind == "mark" and tokens[-1].value in _CONTINUES
            )
            # The bars around a block's parameters end their line.
            if goes_on and not (tokens[-1].value == "|" and not depth):
                continue
            if tokens:
                yield Statement(tuple(tokens))
            tokens = []
            continue
        if token.kind == "mark":
            depth += (token.value in _BRACKETS) - (token.value in _BRACKETS.values())
        tokens.append(token)
    if depth:
        raise UnreadableError("a bracket is not closed", tokens[0].line if tokens else 1)
    if tokens:
        yield Statement(tuple(tokens))


def _tokens(code: str) -> Iterator[Token]:
    line = 1
    position = 0
    while position < len(code):
        match = _TOKEN.match(code, position)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        position = match.end()
        token = _token(str(match.lastgroup), match[0], line)
        if token is not None:
            yield token
        line += match[0].count("\n")


def _token(kind: str, text: str, line: int) -> Token | None:
    if kind in {"space", "comment"}:
        return None
    if kind == "heredoc" or text in {"'", '"', "`"}:
        raise UnreadableError(f"{text} that is not closed on its line", line)
    token = Token("mark", text, line)
    match kind:
        case "newline":
            token = Token("mark", "\n", line)
        # What stands in it may only be known when the code runs.
        case "single" | "double" if kind == "single" or "#{" not in text:
            token = Token("text", _plain(text), line)
        case "list":
            token = Token("list", text, line, tuple(text[3:-1].split()))
        case "label":
            token = Token("label", text[:-1], line)
        case "symbol":
            token = Token("symbol", text[1:].strip("\"'"), line)
        case "word":
            token = Token("word", text, line)
    return token


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])
