"""go.mod and go.work: their directives, as https://go.dev/ref/mod has them, and no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.locks.base import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.source import Source

MOD: Final = "go.mod"
WORK: Final = "go.work"

_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|//[^\n]*|=>|[()]|[^\s()"`]+')
_QUOTES: Final = '"`'
_TIP: Final = "Have Go itself write the file: go mod tidy"
_ARROW: Final = "=>"


class Module(NamedTuple):
    """A version of a module."""

    path: str
    version: str

    def __str__(self) -> str:
        return f"{self.path}@{self.version}"


class Replacement(NamedTuple):
    """What stands for a module: another one, or a directory if there is no version."""

    old: str
    new: Module
    line: int


@dataclass(frozen=True)
class ModFile:
    """A go.mod, or a go.work, which has ``use`` and neither a module nor requirements."""

    file: str
    module: str = ""
    go: str = ""
    go_line: int | None = None
    requires: tuple[tuple[Module, int], ...] = ()
    replaces: tuple[Replacement, ...] = ()
    uses: tuple[tuple[str, int], ...] = ()
    says: str = ""
    """What ``// +heroku goVersion`` asks for."""
    says_line: int | None = None

    @property
    def directory(self) -> str:
        """Return where it stands, empty for the top."""
        return self.file.rpartition("/")[0]

    @property
    def language(self) -> tuple[int, int]:
        """Return the version of Go that it is written for; without a line, 1.16 (the manual)."""
        found = re.match(r"(\d+)\.(\d+)", self.go)
        return (int(found[1]), int(found[2])) if found else (1, 16)


def read_mod(source: Source, file: str) -> ModFile:
    """Return what ``file`` says. Raises LockError for a line that is none of Go's."""
    module = go = ""
    go_line = None
    requires: list[tuple[Module, int]] = []
    replaces: list[Replacement] = []
    uses: list[tuple[str, int]] = []
    text = source.read_text(file)
    for number, verb, words in _directives(text, file):
        match verb, words:
            case "module", [module]:
                pass
            case "go", [go]:
                go_line = number
            case "require", [path, version]:
                requires.append((Module(path, version), number))
            case "replace", [old, *_, arrow, new] if arrow == _ARROW:
                replaces.append(Replacement(old, Module(new, ""), number))
            case "replace", [old, *between, new, version] if between[-1:] == [_ARROW]:
                replaces.append(Replacement(old, Module(new, version), number))
            case "use", [directory]:
                uses.append((directory, number))
            case (("module" | "go" | "require" | "replace" | "use"), _):
                raise Place(file, number).error(f"{verb} with {' '.join(words)!r}", tip=_TIP)
            case _:
                pass  # exclude, retract, tool, toolchain and what is to come ask for no file
    return ModFile(
        file, module, go, go_line, tuple(requires), tuple(replaces), tuple(uses), *_heroku(text)
    )


def _heroku(text: str) -> tuple[str, int | None]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"//\s*\+heroku\s+goVersion\s+(\S+)", line.strip()):
            return found[1], number
    return "", None


def _directives(text: str, file: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield line, verb and words of each directive, those of blocks with the block's verb."""
    block = ""
    for number, line in enumerate(text.splitlines(), 1):
        tokens = [token for token in _TOKEN.findall(line) if not token.startswith("//")]
        words = [token[1:-1] if token[0] in _QUOTES else token for token in tokens]
        if not words:
            continue
        if block and words == [")"]:
            block = ""
        elif block:
            yield number, block, words
        elif words[1:] == ["("]:
            block = words[0]
        elif "(" in tokens or ")" in tokens:
            raise Place(file, number).error(f"{line.strip()!r} is no directive", tip=_TIP)
        else:
            yield number, words[0], words[1:]
