"""The Gemfile, as far as it says literally which gems there are, and in which groups.

A Gemfile is a program. It is not run: what is written out in the words of Bundler's own language is
read, everything else is passed over, and where that could matter nothing is concluded from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.toolchains.ruby.arguments import Arguments
from hop3_nix.toolchains.ruby.statements import Statement, Token, UnreadableError, statements
from hop3_nix.toolchains.versions import Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.source import Source

FILE: Final = "Gemfile"

DEFAULT: Final = "default"
"""The group of gems that are in no other."""

_OPENING: Final = frozenset(
    {"begin", "case", "class", "def", "for", "if", "module", "unless", "until", "while"}
)
_READS_MORE: Final = frozenset({"eval", "eval_gemfile", "instance_eval", "require_relative"})
"""What may add gems that are written elsewhere."""

_ELSEWHERE: Final = ("jruby", "maglev", "mingw", "mswin", "rbx", "truffleruby", "windows", "x64_m")
"""What the names of platforms begin with that are not the interpreter that we have."""


@dataclass(frozen=True)
class Declared:
    """One ``gem``: what it asks for, and when. ``groups`` is None if they cannot be told."""

    name: str
    line: int
    requirements: tuple[str, ...]
    groups: tuple[str, ...] | None
    elsewhere: bool = False
    compiled: bool = False
    conditional: bool = False


@dataclass(frozen=True)
class Gemfile:
    """What a Gemfile says. ``unread`` is where it does what cannot be told, and what that is."""

    gems: tuple[Declared, ...] = ()
    optional: frozenset[str] = frozenset()
    """Groups that are only installed on demand."""
    ruby: Written | None = None
    ruby_file: str = ""
    """The file that ``ruby file:`` names."""
    unread: tuple[str, int] | None = None

    def named(self, name: str) -> tuple[Declared, ...]:
        """Return what it says of the gem called ``name``."""
        return tuple(self._by_name.get(name, ()))

    def line_of(self, name: str) -> int | None:
        """Return where the gem called ``name`` is asked for first, None if that is not told."""
        return next((gem.line for gem in self.named(name)), None)

    @cached_property
    def _by_name(self) -> dict[str, list[Declared]]:
        found: dict[str, list[Declared]] = {}
        for gem in self.gems:
            found.setdefault(gem.name, []).append(gem)
        return found


class _Block(NamedTuple):
    """What holds inside of a block that is not closed yet."""

    groups: tuple[str, ...] | None = ()
    elsewhere: bool = False
    conditional: bool = False


@dataclass
class _Reader:
    blocks: list[_Block] = field(default_factory=list)
    gems: list[Declared] = field(default_factory=list)
    optional: set[str] = field(default_factory=set)
    ruby: Written | None = None
    ruby_file: str = ""
    unread: tuple[str, int] | None = None

    def read(self, statement: Statement) -> None:
        tokens = list(statement.tokens)
        words = [token.value for token in tokens if token.kind == "word"]
        if statement.first == "end":
            if not self.blocks:
                raise UnreadableError("an end without a beginning", statement.line)
            self.blocks.pop()
            return
        if _READS_MORE & set(words) and self.unread is None:
            self.unread = (next(word for word in words if word in _READS_MORE), statement.line)
        arguments = Arguments.of(tokens[1:])
        match statement.first:
            case "gem":
                self._gem(arguments, statement.line, conditional="if" in words or "unless" in words)
            case "ruby":
                self._ruby(arguments, statement.line)
        if _opens(tokens):
            self.blocks.append(self._block(statement.first, arguments))

    def _block(self, word: str, arguments: Arguments) -> _Block:
        match word:
            case "group":
                if arguments.value("optional") == ("true",):
                    self.optional.update(arguments.plain)
                return _Block(groups=tuple(arguments.plain) if arguments.literal else None)
            case "platforms" | "platform":
                return _Block(elsewhere=_is_elsewhere(arguments.plain))
            case "source" | "path" | "git" | "github":
                return _Block()
            case _:
                return _Block(conditional=True)

    def _gem(self, arguments: Arguments, line: int, *, conditional: bool) -> None:
        if not arguments.plain:
            # Its name is made when the code runs.
            self.unread = self.unread or ("gem", line)
            return
        said = [arguments.value(key) for key in ("group", "groups")]
        own = [name for names in said for name in names or ()]
        surrounding = [block.groups for block in self.blocks]
        groups: tuple[str, ...] | None
        if any(each is None for each in (*said, *surrounding)):
            groups = None
        else:
            around = [name for names in surrounding for name in names or ()]
            groups = tuple(dict.fromkeys([*own, *around])) or (DEFAULT,)
        platforms = [arguments.value(key) or () for key in ("platforms", "platform")]
        self.gems.append(
            Declared(
                name=arguments.plain[0],
                line=line,
                requirements=tuple(arguments.plain[1:]),
                groups=groups,
                elsewhere=any(block.elsewhere for block in self.blocks)
                or any(map(_is_elsewhere, platforms)),
                compiled=arguments.value("force_ruby_platform") == ("true",),
                conditional=conditional or any(block.conditional for block in self.blocks),
            )
        )

    def _ruby(self, arguments: Arguments, line: int) -> None:
        if file := arguments.value("file"):
            self.ruby_file = file[0]
        elif arguments.plain:
            self.ruby = Written(", ".join(arguments.plain), FILE, line, key="ruby")


def read_gemfile(source: Source) -> Gemfile:
    """Return what the app's Gemfile says, nothing if there is none."""
    if not source.has(FILE):
        return Gemfile()
    return parse_gemfile(source.read_text(FILE))


def parse_gemfile(code: str) -> Gemfile:
    """Return what ``code`` says, as far as it can be told."""
    reader = _Reader()
    try:
        for statement in statements(code):
            reader.read(statement)
        if reader.blocks:
            reader.unread = reader.unread or ("a block without an end", 1)
    except UnreadableError as error:
        reader.unread = reader.unread or (str(error), error.line)
    return Gemfile(
        gems=tuple(reader.gems),
        optional=frozenset(reader.optional),
        ruby=reader.ruby,
        ruby_file=reader.ruby_file,
        unread=reader.unread,
    )


def _opens(tokens: list[Token]) -> bool:
    """Return whether a statement begins what an ``end`` of its own will close."""
    words = [token for token in tokens if token.kind == "word"]
    if any(token.value == "do" for token in words):
        return True
    first = tokens[0]
    if first.kind == "word" and first.value in _OPENING:
        return not any(token.value == "end" for token in words)
    # As in: x = if y
    return any(
        before.value == "=" and after.kind == "word" and after.value in _OPENING
        for before, after in pairwise(tokens)
    )


def _is_elsewhere(platforms: Sequence[str]) -> bool:
    return bool(platforms) and all(name.startswith(_ELSEWHERE) for name in platforms)
