"""Which Ruby the application asks for, and which of those on offer it gets.

What the Gemfile says is a bound: Bundler itself refuses to start with another Ruby.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.ruby.base import FILE as LOCK_FILE
from hop3_nix.toolchains.ruby.gemfile import FILE
from hop3_nix.toolchains.versions import Language, Pin, Written, first_word, tool_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.config import AppConfig
    from hop3_nix.locks.ruby.base import GemfileLock
    from hop3_nix.plan import Evidence, Offer, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.ruby.gemfile import Gemfile

    Release = tuple[int, ...]

LANGUAGE: Final = Language("ruby", "Ruby")

_FORMS: Final = 'Write a version or a requirement of RubyGems, such as 3.3 or "~> 3.1".'
_VERSION: Final = re.compile(r"(?:ruby-)?(\d+(?:\.\d+)*)(?:-?p\d+)?")
_REQUIREMENT: Final = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*(\d+(?:\.\d+)*)(?:p\d+)?")

_OPERATORS: Final[dict[str, Callable[[Release, Release], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True)
class Requirement:
    """A list of conditions, each of which has to hold, as RubyGems compares versions."""

    written: Written

    def choose(self, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Return those of ``offers`` that it admits, in their order.

        Raises UnsupportedError if the text is no requirement.
        """
        conditions = [self._condition(part.strip()) for part in self.written.text.split(",")]
        return tuple(
            offer
            for offer in offers
            if all(admits(sign, bound, _release(offer.version)) for sign, bound in conditions)
        )

    def _condition(self, text: str) -> tuple[str, Release]:
        match = _REQUIREMENT.fullmatch(text.removeprefix("ruby-"))
        if match is None:
            raise self.written.error(f"{self.written.text!r} is no requirement", tip=_FORMS)
        return match[1] or "=", _release(match[2])


def admits(sign: str, bound: Release, version: Release) -> bool:
    """Return whether ``version`` is as ``sign`` and ``bound`` say; missing numbers are 0."""
    if sign == "~>":
        # The last number of the bound may be higher.
        return version >= bound and version[: len(bound) - 1] == bound[:-1]
    length = max(len(bound), len(version))
    return _OPERATORS[sign](_padded(version, length), _padded(bound, length))


def choose_version(
    source: Source, config: AppConfig, gemfile: Gemfile, lock: GemfileLock, target: Target
) -> tuple[Offer, Evidence]:
    """Return the Ruby of ``target`` that the app gets, and why.

    Raises UnsupportedError, listing what is offered, if it has none that was asked for.
    """
    bounds = _of_gemfile(source, gemfile)
    pinned = (
        LANGUAGE.asked_in(config)
        or first_word(source, ".ruby-version")
        or tool_version(source, "ruby")
        or (_of_lock(lock) if bounds is None else None)
    )
    return LANGUAGE.choose(
        target, _pin(pinned) if pinned else None, Requirement(bounds) if bounds else None
    )


def _pin(written: Written) -> Pin | Requirement:
    match = _VERSION.fullmatch(written.text)
    return Pin(written, match[1]) if match else Requirement(written)


def _of_gemfile(source: Source, gemfile: Gemfile) -> Written | None:
    if not gemfile.ruby_file:
        return gemfile.ruby
    named = gemfile.ruby_file
    found = tool_version(source, "ruby") if named == ".tool-versions" else first_word(source, named)
    if found is None:
        return None
    version = _VERSION.fullmatch(found.text)
    return Written(version[1] if version else found.text, found.file, found.line, f"{FILE}'s ruby")


def _of_lock(lock: GemfileLock) -> Written | None:
    return Written(lock.ruby, LOCK_FILE, lock.ruby_line) if lock.ruby else None


def _release(version: str) -> Release:
    return tuple(int(part) for part in version.split("."))


def _padded(version: Release, length: int) -> Release:
    return version + (0,) * (length - len(version))
