"""The arguments of a call in Ruby code, as far as they are written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hop3_nix.toolchains.ruby.statements import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call: those without a key, and those with one.

    A value is None if it is not literal; ``literal`` says whether all without a key are.
    """

    plain: tuple[str, ...]
    keyed: dict[str, tuple[str, ...] | None]
    literal: bool

    @classmethod
    def of(cls, tokens: list[Token]) -> Arguments:
        """Return the arguments that ``tokens``, those behind the name of what is called, are."""
        plain: list[str] = []
        keyed: dict[str, tuple[str, ...] | None] = {}
        literal = True
        for part in _parts(tokens):
            match part:
                case [Token(kind="label", value=key), *value]:
                    keyed[key] = _values(value)
                case [Token(kind="symbol" | "text", value=key), Token(value="=>"), *value]:
                    keyed[key] = _values(value)
                case _:
                    values = _values(part)
                    plain += values or ()
                    literal = literal and values is not None
        return cls(tuple(plain), keyed, literal)

    def value(self, key: str) -> tuple[str, ...] | None:
        """Return the value of ``key``, empty if it is not given, None if it is not literal."""
        return self.keyed.get(key, ())


def _parts(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield what stands between the commas of the outermost level."""
    part: list[Token] = []
    depth = 0
    if tokens[:1] and tokens[0].value == "(" and tokens[0].kind == "mark":
        tokens = tokens[1:]
    for token in tokens:
        if token.kind == "word" and token.value in {"do", "if", "unless"} and not depth:
            break
        if token.kind == "mark":
            if token.value == ")" and not depth:
                break
            depth += (token.value in "([{") - (token.value in ")]}")
            if token.value == "," and not depth:
                yield part
                part = []
                continue
        part.append(token)
    if part:
        yield part


def _values(tokens: Sequence[Token]) -> tuple[str, ...] | None:
    """Return the texts that one value is: a text, a symbol, a list of them; None for any other."""
    match list(tokens):
        case [Token(kind="text" | "symbol", value=value)]:
            return (value,)
        case [Token(kind="word", value=("true" | "false" | "nil") as value)]:
            return (value,)
        case [Token(kind="list", items=items)]:
            return items
        case [Token(kind="mark", value="["), *inside, Token(kind="mark", value="]")]:
            found = [_values(part) for part in _parts(inside)]
            if any(each is None for each in found):
                return None
            return tuple(value for each in found for value in each or ())
        case _:
            return None
