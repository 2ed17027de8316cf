"""Which version of a language the app gets, among those that the target has.

All languages choose alike: what pins a version comes first (hop3.toml, a file such as
``.ruby-version``, ``.tool-versions``), what bounds it (a range that the project declares) is
heard as well, and without either the first offer is taken. A language adds its grammar, what a
text admits, and where its pins and bounds stand (`Versions`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from hop3_nix.errors import UnsupportedError
from hop3_nix.plan import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

    Offers = tuple[AnyOffer, ...]
    Prefer = Callable[[Offers], "Preferred | None"]

_PLAIN: Final = re.compile(r"v?(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Written:
    """A version or a range, as one of the app's files writes it; ``key`` names it there."""

    text: str
    file: str
    line: int | None = None
    key: str = ""

    @property
    def place(self) -> str:
        """Return where it stands, such as ``package.json:4``."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def error(self, message: str, *, tip: str) -> UnsupportedError:
        """Return the error to raise about it."""
        return UnsupportedError(message, file=self.file, line=self.line, tip=tip)


class Constraint(Protocol):
    """What a language makes of a text: those of the offers that it admits."""

    @property
    def written(self) -> Written:
        """Return the text, and where it stands."""

    def choose(self, offers: Offers) -> Offers:
        """Return those of ``offers`` that are admitted, the best first.

        Raises UnsupportedError or ConfigError if the text is nothing that the language knows.
        """


@dataclass(frozen=True)
class Pin:
    """A version such as ``3.11`` or ``3.11.4``, with nothing before or after it.

    Offers that begin with it come first, then those of its release: equal in their first
    ``release`` numbers, since a set of packages has one patch release of each.
    """

    written: Written
    version: str
    release: int = 2

    def choose(self, offers: Offers) -> Offers:
        """Return those that begin with the version, then those of its release."""
        exact = (offer for offer in offers if starts_with(offer.version, self.version))
        alike = release_of(self.version, self.release)
        return (
            *exact,
            *(offer for offer in offers if release_of(offer.version, self.release) == alike),
        )


class Preferred(NamedTuple):
    """The offer that a file is for, where nothing asks for a version."""

    offer: AnyOffer
    reason: str
    file: str


@dataclass(frozen=True)
class Chooser:
    """Chooses for a language, by the name of its offers, and the one that people have for it."""

    name: str
    title: str

    def asked_in(self, config: AppConfig) -> Written | None:
        """Return what hop3.toml asks for (``[build] NAME-version``), or None."""
        if asked := config.versions.get(self.name):
            return Written(asked.strip(), *config.where(f"build.{self.name}-version"))
        return None

    def choose(
        self,
        target: Target,
        pin: Constraint | None,
        bounds: Constraint | None,
        prefer: Prefer | None = None,
    ) -> tuple[AnyOffer, Evidence]:
        """Return the offer of ``target`` that both admit, and why.

        Without a pin, ``prefer`` is asked which of those that are admitted.
        Raises UnsupportedError, listing what is offered, if it has none.
        """
        if pin is None:
            return self._first(target, bounds, prefer)
        written, offers = pin.written, target.offers_for(self.name)
        matching = pin.choose(offers)
        if not matching:
            raise written.error(
                f"{self.title} {written.text} is asked for, and {self._listing(target)}",
                tip=f"Ask for one of those, or {_elsewhere(target)}.",
            )
        within = bounds.choose(offers) if bounds else offers
        chosen = next((offer for offer in matching if offer in within), None)
        if bounds and chosen is None:
            also = bounds.written
            raise written.error(
                f"{self.title} {written.text} is asked for, and {also.key} is {also.text!r} "
                f"({also.place}); {self._listing(target)}",
                tip=f"Let {also.key} admit {matching[0].version} as well, or {_elsewhere(target)}."
                if _agree(written, bounds, matching[0])
                else "Make the two agree.",
            )
        chosen = chosen or matching[0]
        reason = f"{written.text} is asked for"
        plain = _PLAIN.fullmatch(written.text)
        if plain and not starts_with(chosen.version, plain[1]):
            reason += f"; {chosen.version} is the nearest that is offered"
        return chosen, self._evidence(chosen, reason, written)

    def _first(
        self, target: Target, bounds: Constraint | None, prefer: Prefer | None
    ) -> tuple[AnyOffer, Evidence]:
        """Return the first that ``bounds`` admit, or the first of all, unless one is preferred."""
        offers = target.offers_for(self.name)
        if not offers:
            raise UnsupportedError(
                self._listing(target),
                tip=f"Install {self.title}, or build with Nix and another package set (--pkgs).",
            )
        admitted = bounds.choose(offers) if bounds else offers
        if bounds and not admitted:
            raise bounds.written.error(
                f"the app needs {self.title} {bounds.written.text!r}, and {self._listing(target)}",
                tip=f"Widen the range, or {_elsewhere(target)}.",
            )
        preferred = prefer(admitted) if prefer else None
        if preferred and preferred.offer != admitted[0]:
            return preferred.offer, self._evidence(
                preferred.offer, preferred.reason, Written("", preferred.file)
            )
        if bounds:
            reason = f"the first that {bounds.written.text!r} admits"
            return admitted[0], self._evidence(admitted[0], reason, bounds.written)
        reason = f"nothing asks for a version; the first that {target.package_set} has"
        return admitted[0], self._evidence(admitted[0], reason)

    def _evidence(self, offer: AnyOffer, reason: str, written: Written | None = None) -> Evidence:
        choice = f"{self.name} {offer.version}"
        if written is None:
            return Evidence(choice=choice, reason=reason)
        return Evidence(choice=choice, reason=reason, file=written.file, line=written.line)

    def _listing(self, target: Target) -> str:
        versions = ", ".join(offer.version for offer in target.offers_for(self.name))
        return f"{target.package_set} has {versions or f'no {self.title}'}"


def _agree(pinned: Written, bounds: Constraint, offer: AnyOffer) -> bool:
    """Return whether ``bounds`` admit the version that is pinned, which nothing offers."""
    version = re.search(r"\d+(?:\.\d+)*", pinned.text)
    if version is None:
        return False
    full = ".".join([*version[0].split("."), "0", "0"][: max(3, version[0].count(".") + 1)])
    return bool(bounds.choose((offer.model_copy(update={"version": full}),)))


def first_word(source: Source, file: str, *names: str) -> Written | None:
    """Return the first word of ``file`` that is no comment, or None.

    With ``names``, it is the word after one of them, each of which begins a line of its own.
    ``system``, which version managers take for what the machine has, asks for nothing.
    """
    for number, line in enumerate(lines_of(source, file), start=1):
        words = line.split("#")[0].split()
        if names and words[:1] and words[0] in names:
            words = words[1:]
        elif names:
            continue
        if words and words[0] != "system":
            return Written(words[0], file, number)
    return None


def tool_version(source: Source, *names: str) -> Written | None:
    """Return what ``.tool-versions`` (asdf's, mise's) has for the plugin of one of ``names``."""
    return first_word(source, ".tool-versions", *names)


def in_file(file: str) -> Callable[[App], Written | None]:
    """Return what pins by the first word of ``file``."""
    return lambda app: first_word(app.source, file)


def in_tool_versions(*names: str) -> Callable[[App], Written | None]:
    """Return what pins by ``.tool-versions``, under one of ``names``."""
    return lambda app: tool_version(app.source, *names)


def lines_of(source: Source, file: str) -> list[str]:
    """Return the lines of ``file``, none if it is not there."""
    return source.read_text(file).splitlines() if source.has(file) else []


def release_of(version: str, parts: int = 2) -> str:
    """Return ``3.13`` for ``3.13.5``: the first ``parts`` of its numbers."""
    return ".".join(version.split(".")[:parts])


def starts_with(version: str, asked: str) -> bool:
    """Return whether ``version`` is ``asked`` or a more exact one: 3.11.2 for 3.11."""
    return release_of(version, asked.count(".") + 1) == asked


def _elsewhere(target: Target) -> str:
    return "build with Nix" if target.on_host else "build with another package set (--pkgs)"
