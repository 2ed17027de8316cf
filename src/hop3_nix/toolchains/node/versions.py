"""Which Node the application asks for, and which of those on offer it gets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from semantic_version import NpmSpec, Version

from hop3_nix.errors import UnsupportedError
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.node.manifest import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import Offer, Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.node.manifest import Manifest

CODENAMES: Final = {
    "argon": 4,
    "boron": 6,
    "carbon": 8,
    "dubnium": 10,
    "erbium": 12,
    "fermium": 14,
    "gallium": 16,
    "hydrogen": 18,
    "iron": 20,
    "jod": 22,
    "krypton": 24,
}
"""Major version of each line of long-term support, by the name that ``lts/NAME`` uses."""

_NEWEST: Final = ("node", "stable", "latest", "current")
_FORMS: Final = 'Write a version or a range such as 22, 20.11.1, "^20 || >=22" or lts/*.'


@dataclass(frozen=True)
class Request:
    """What one of the app's files asks for: a version, a range, or the name of a line."""

    text: str
    file: str
    line: int | None

    @property
    def place(self) -> str:
        """Return where it stands."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def choose(self, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Return those of ``offers`` that it admits, the best first.

        A version that is pinned to the patch is also satisfied by another of its major version,
        if that one is not offered. Raises UnsupportedError if the text is no range.
        """
        text = self.text.strip().lower()
        newest = tuple(sorted(offers, key=_version, reverse=True))
        if text in _NEWEST:
            return newest
        if text.startswith("lts/") or text == "lts":
            name = text.partition("/")[2]
            if name in {"", "*"}:
                return tuple(offer for offer in newest if _version(offer).major % 2 == 0)
            if name not in CODENAMES:
                raise self._error(f"{self.text!r} is no line of long-term support of Node")
            return tuple(offer for offer in newest if _version(offer).major == CODENAMES[name])
        exact = self._range(text)
        admitted = tuple(offer for offer in offers if exact.match(_version(offer)))
        if admitted or not re.fullmatch(r"v?=?\d+\.\d+(\.\d+)?", text):
            return admitted
        major = int(re.sub(r"^\D+", "", text).split(".")[0])
        return tuple(offer for offer in newest if _version(offer).major == major)

    def _range(self, text: str) -> NpmSpec:
        # npm lets a space and a v stand in front of a number; the library does not.
        written = re.sub(r"([<>=~^])\s+", r"\1", text)
        written = re.sub(r"(^|[\s<>=~^|])v(?=\d)", r"\1", written)
        try:
            return NpmSpec(written)
        except ValueError as error:
            raise self._error(f"{self.text!r} is no range of versions") from error

    def _error(self, what: str) -> UnsupportedError:
        return UnsupportedError(what, file=self.file, line=self.line, tip=_FORMS)


def choose_version(
    source: Source, config: AppConfig, manifest: Manifest, target: Target
) -> tuple[Offer, Evidence]:
    """Return the Node of ``target`` that the app gets, and why.

    Raises UnsupportedError, listing what is offered, if it has none that was asked for.
    """
    offers = target.offers_for("node")
    engines = manifest.string("engines", "node")
    bounds = Request(engines, FILE, manifest.line("engines", "node")) if engines else None
    request = next(_requests(source, config, manifest), None)
    if request is None:
        return _within(bounds, offers, target)
    matching = request.choose(offers)
    if not matching:
        raise UnsupportedError(
            f"Node {request.text} is asked for, and {_listing(target)}",
            file=request.file,
            line=request.line,
            tip=f"Ask for one of those, or {_elsewhere(target)}.",
        )
    admitted = [offer for offer in matching if bounds is None or offer in bounds.choose(offers)]
    if bounds and not admitted:
        raise UnsupportedError(
            f"Node {request.text} is asked for, and engines.node is {bounds.text!r} "
            f"({bounds.place}); {_listing(target)}",
            file=request.file,
            line=request.line,
            tip="Make the two agree.",
        )
    chosen = admitted[0]
    return chosen, Evidence(
        choice=f"node {chosen.version}",
        reason=f"{request.text} is asked for",
        file=request.file,
        line=request.line,
    )


def _within(
    bounds: Request | None, offers: tuple[Offer, ...], target: Target
) -> tuple[Offer, Evidence]:
    if not offers:
        raise UnsupportedError(
            _listing(target),
            tip="Install Node, or build with Nix and another package set (--pkgs).",
        )
    if bounds is None:
        reason = f"nothing asks for a version; the first that {target.package_set} has"
        return offers[0], Evidence(choice=f"node {offers[0].version}", reason=reason)
    for offer in bounds.choose(offers):
        return offer, Evidence(
            choice=f"node {offer.version}",
            reason=f"the first that {bounds.text!r} admits",
            file=bounds.file,
            line=bounds.line,
        )
    raise UnsupportedError(
        f"the app needs Node {bounds.text!r}, and {_listing(target)}",
        file=bounds.file,
        line=bounds.line,
        tip=f"Widen the range, or {_elsewhere(target)}.",
    )


def _requests(source: Source, config: AppConfig, manifest: Manifest) -> Iterator[Request]:
    """Yield what pins a version: hop3.toml, .nvmrc, .node-version, .tool-versions, Volta's key."""
    if asked := config.versions.get("node"):
        yield Request(asked, *config.where("build.node-version"))
    for file, names in ((".nvmrc", ()), (".node-version", ()), (".tool-versions", _ASDF)):
        for number, line in enumerate(_lines(source, file), start=1):
            words = line.split("#")[0].split()
            if names and words and words[0] in names:
                words = words[1:]
            elif names:
                continue
            if words and words[0] != "system":
                yield Request(words[0], file, number)
    if pinned := manifest.string("volta", "node"):
        yield Request(pinned, FILE, manifest.line("volta", "node"))


_ASDF: Final = ("nodejs", "node")


def _lines(source: Source, file: str) -> list[str]:
    return source.read_text(file).splitlines() if source.has(file) else []


def _version(offer: Offer) -> Version:
    return Version.coerce(offer.version)


def _elsewhere(target: Target) -> str:
    on_host = any(offer.attribute.startswith("/") for offer in target.offers)
    return "build with Nix" if on_host else "build with another package set (--pkgs)"


def _listing(target: Target) -> str:
    versions = ", ".join(offer.version for offer in target.offers_for("node"))
    return f"{target.package_set} has {versions or 'no Node'}"
