"""Which Ruby the application asks for, and which of those on offer it gets.

What the Gemfile says is a bound: Bundler itself refuses to start with another Ruby.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.ruby.base import FILE as LOCK_FILE
from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.ruby.dependencies import read_lock
from hop3_nix.toolchains.ruby.gemfile import FILE, read_gemfile
from hop3_nix.toolchains.versions import (
    Pin,
    Written,
    first_word,
    in_file,
    in_tool_versions,
    tool_version,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App

    Release = tuple[int, ...]

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

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
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


def _pin(written: Written) -> Pin | Requirement:
    match = _VERSION.fullmatch(written.text)
    return Pin(written, match[1]) if match else Requirement(written)


def _of_gemfile(app: App) -> Written | None:
    source, gemfile = app.source, app.read(read_gemfile)
    if not gemfile.ruby_file:
        return gemfile.ruby
    named = gemfile.ruby_file
    found = tool_version(source, "ruby") if named == ".tool-versions" else first_word(source, named)
    if found is None:
        return None
    version = _VERSION.fullmatch(found.text)
    return Written(version[1] if version else found.text, found.file, found.line, f"{FILE}'s ruby")


def _of_lock(app: App) -> Written | None:
    lock = app.read(read_lock)
    if not lock.ruby or _of_gemfile(app) is not None:
        return None
    return Written(lock.ruby, LOCK_FILE, lock.ruby_line)


def _bounds(app: App) -> Requirement | None:
    written = _of_gemfile(app)
    return Requirement(written) if written else None


def _release(version: str) -> Release:
    return tuple(int(part) for part in version.split("."))


def _padded(version: Release, length: int) -> Release:
    return version + (0,) * (length - len(version))


VERSIONS: Final = Versions(
    pins=(in_file(".ruby-version"), in_mise("ruby"), in_tool_versions("ruby"), _of_lock),
    grammar=_pin,
    bounds=_bounds,
)
