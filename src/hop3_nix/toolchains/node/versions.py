"""What asks for a version of Node, in npm's notation of ranges and nvm's names of lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from semantic_version import Version

from hop3_nix.locks.node.ranges import npm_range
from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.node.manifest import FILE, read_manifest
from hop3_nix.toolchains.versions import Written, in_file, in_tool_versions

if TYPE_CHECKING:
    from semantic_version import NpmSpec

    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App
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

    written: Written

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of ``offers`` that it admits, the best first.

        A version that is pinned to the patch is also satisfied by another of its major version,
        if that one is not offered. Raises UnsupportedError if the text is no range.
        """
        text = self.written.text.strip().lower()
        newest = tuple(sorted(offers, key=_version, reverse=True))
        if text in _NEWEST:
            return newest
        if text.startswith("lts/") or text == "lts":
            name = text.partition("/")[2]
            if name in {"", "*"}:
                return tuple(offer for offer in newest if _version(offer).major % 2 == 0)
            if name not in CODENAMES:
                what = f"{self.written.text!r} is no line of long-term support of Node"
                raise self.written.error(what, tip=_FORMS)
            return tuple(offer for offer in newest if _version(offer).major == CODENAMES[name])
        exact = self._range(text)
        admitted = tuple(offer for offer in offers if exact.match(_version(offer)))
        if admitted or not re.fullmatch(r"v?=?\d+\.\d+(\.\d+)?", text):
            return admitted
        major = int(re.sub(r"^\D+", "", text).split(".")[0])
        return tuple(offer for offer in newest if _version(offer).major == major)

    def _range(self, text: str) -> NpmSpec:
        try:
            return npm_range(text)
        except ValueError as error:
            what = f"{self.written.text!r} is no range of versions"
            raise self.written.error(what, tip=_FORMS) from error


def _engines(app: App) -> Request | None:
    written = _key(app.read(read_manifest), "engines")
    return Request(written) if written else None


VERSIONS: Final = Versions(
    pins=(
        in_file(".nvmrc"),
        in_file(".node-version"),
        in_mise("node", "nodejs"),
        in_tool_versions("nodejs", "node"),
        lambda app: _key(app.read(read_manifest), "volta"),
    ),
    grammar=Request,
    bounds=_engines,
)


def _key(manifest: Manifest, table: str) -> Written | None:
    if text := manifest.string(table, "node"):
        return Written(text, FILE, manifest.line(table, "node"), key=f"{table}.node")
    return None


def _version(offer: AnyOffer) -> Version:
    return Version.coerce(offer.version)
