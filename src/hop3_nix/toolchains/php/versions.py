"""Which PHP the application asks for, in composer's notation of ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.php.composer_lock import FILE as LOCK_FILE
from hop3_nix.locks.php.composer_lock import MANIFEST
from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.php.manifest import read_lock, read_manifest
from hop3_nix.toolchains.versions import Written, in_file, in_tool_versions, lines_of

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App

    Release = tuple[int, int, int]

_FORMS: Final = 'Write a version or a range as composer has them, such as 8.4 or "^8.2".'
_ONE: Final = re.compile(
    r"(?P<sign>\^|~|>=|<=|!=|<>|==|=|>|<)?\s*v?(?P<number>\d+(?:\.\d+)*)"
    r"(?P<wild>\.[*x](?:\.[*x])*)?(?:@\w+|-(?:dev|stable))?"
)
_HYPHEN: Final = re.compile(r"\s*v?(\d+(?:\.\d+)*)\s+-\s+v?(\d+(?:\.\d+)*)\s*")
_START: Final[Release] = (0, 0, 0)
_END: Final[Release] = (9999, 0, 0)


@dataclass(frozen=True)
class Range:
    """Versions of PHP: any of the parts between ``||``, of which all conditions have to hold."""

    written: Written

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of ``offers`` that it admits, in their order.

        Raises UnsupportedError if the text is no range.
        """
        alternatives = [self._part(part) for part in re.split(r"\|\|?", self.written.text)]
        return tuple(
            offer
            for offer in offers
            if any(
                all(low <= _padded(offer.version) < high for low, high in part)
                and not any(_padded(offer.version) == none for none in excluded)
                for part, excluded in alternatives
            )
        )

    def _part(self, text: str) -> tuple[list[tuple[Release, Release]], list[Release]]:
        if match := _HYPHEN.fullmatch(text):
            low, high = match.groups()
            return [(_padded(low), _above(high, high.count(".")))], []
        if text.strip() in {"*", "x"}:
            return [], []
        bounds: list[tuple[Release, Release]] = []
        excluded: list[Release] = []
        at, rest = 0, text.strip()
        while at < len(rest):
            match = _ONE.match(rest, at)
            if match is None or not match[0]:
                raise self.written.error(f"{self.written.text!r} is no range", tip=_FORMS)
            sign, number = match["sign"] or "", match["number"]
            if sign in {"!=", "<>"}:
                excluded.append(_padded(number))
            else:
                bounds.append(_bounds(sign, number, wild=bool(match["wild"])))
            at = match.end()
            separator = re.compile(r"\s*,\s*|\s+|$").match(rest, at)
            if separator is None:
                raise self.written.error(f"{self.written.text!r} is no range", tip=_FORMS)
            at = separator.end()
        if not bounds and not excluded:
            raise self.written.error(f"{self.written.text!r} is no range", tip=_FORMS)
        return bounds, excluded


@dataclass(frozen=True)
class Exact:
    """A version such as 8.4 or 8.4.1, of which any patch release will do."""

    written: Written
    release: str

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of the release."""
        return tuple(
            offer for offer in offers if f"{offer.version}.".startswith(f"{self.release}.")
        )


def grammar(written: Written) -> Range | Exact:
    """Return what a pin's text admits: a plain version is its release, all else is a range."""
    plain = re.fullmatch(r"v?(\d+(?:\.\d+)?)(?:\.\d+)*", written.text)
    return Exact(written, plain[1]) if plain else Range(written)


def _bounds(sign: str, number: str, *, wild: bool) -> tuple[Release, Release]:
    low, dots = _padded(number), number.count(".")
    behind = _above(number, 2)
    bounds = {
        # What is before 1.0 may break with every minor version.
        "^": (low, _above(number, 0 if low[0] else min(dots, 1))),
        "~": (low, _above(number, max(dots - 1, 0))),
        ">=": (low, _END),
        ">": (behind, _END),
        "<": (_START, low),
        "<=": (_START, behind),
    }
    return bounds.get(sign, (low, _above(number, dots) if wild else behind))


def _above(number: str, position: int) -> Release:
    """Return the first version behind all that agree with ``number`` up to ``position``."""
    parts = list(_padded(number))
    position = min(position, 2)
    parts[position] += 1
    parts[position + 1 :] = [0] * (2 - position)
    return parts[0], parts[1], parts[2]


def _padded(number: str) -> Release:
    parts = [int(part) for part in re.findall(r"\d+", number)[:3]]
    first, second, third = (*parts, 0, 0, 0)[:3]
    return first, second, third


def _of_platform(app: App) -> Written | None:
    """Return the PHP that composer was told to take for granted."""
    platform = app.read(read_manifest).config.get("platform")
    said = platform.get("php") if isinstance(platform, dict) else None
    if not isinstance(said, str):
        return None
    return Written(said, MANIFEST, _line(app, MANIFEST, said), "config.platform.php")


def _required(app: App) -> Range | None:
    """Return what composer.json requires, or what all of the locked packages together do."""
    said = app.read(read_manifest).require.get("php")
    if said is not None:
        return Range(Written(said, MANIFEST, _line(app, MANIFEST, said), "require.php"))
    lock = app.read(read_lock)
    if lock is not None and (said := lock.platform.get("php")):
        return Range(Written(said, LOCK_FILE, _line(app, LOCK_FILE, said), "platform.php"))
    return None


def _line(app: App, file: str, said: str) -> int | None:
    lines = enumerate(lines_of(app.source, file), 1)
    return next((number for number, line in lines if '"php"' in line and f'"{said}"' in line), None)


VERSIONS: Final = Versions(
    pins=(in_file(".php-version"), in_tool_versions("php"), _of_platform),
    grammar=grammar,
    bounds=_required,
)
