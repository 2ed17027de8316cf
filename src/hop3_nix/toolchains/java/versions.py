"""Which JDK the application asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.java.pom import read_poms
from hop3_nix.toolchains.java.properties import in_properties, in_sdkmanrc
from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.versions import Preferred, Written, in_file, in_tool_versions, lines_of

if TYPE_CHECKING:
    from hop3_nix.locks.java.pom import Pom
    from hop3_nix.plan import AnyOffer, Target
    from hop3_nix.toolchains.app import App

USUAL: Final = 21
"""The JDK of those that say nothing: what most libraries of today are tried with."""

_FORMS: Final = "Write its release alone, such as 21."
_RELEASE: Final = re.compile(r"(?:[a-z][a-z_-]*-)?(?:1\.)?(\d+)(?:[.+_-].*)?", re.IGNORECASE)
"""17, 1.8, 21.0.2, temurin-21.0.2+13, 21-tem."""

_PROPERTIES: Final = (
    *("maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source"),
    *("kotlin.compiler.jvmTarget", "jdk.version"),
)
_COMPILERS: Final = {
    "maven-compiler-plugin": ("release", "target", "source"),
    "kotlin-maven-plugin": ("jvmTarget",),
}


def release_of(version: str) -> int:
    """Return the release that a version is of: 21 for 21.0.13, and 8 for 1.8; 0 if it is none."""
    found = _RELEASE.fullmatch(version.strip())
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class Release:
    """One release, of which any update will do."""

    written: Written

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of the release. Raises UnsupportedError if the text names none."""
        release = release_of(self.written.text)
        if not release:
            raise self.written.error(f"{self.written.text!r} is no version of Java", tip=_FORMS)
        return tuple(offer for offer in offers if release_of(offer.version) == release)


@dataclass(frozen=True)
class AtLeast:
    """The release that code is compiled for: what is nearest above it comes first."""

    written: Written

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those that can compile for it, the lowest first."""
        release = release_of(self.written.text)
        able = [offer for offer in offers if release_of(offer.version) >= release]
        return tuple(sorted(able, key=lambda offer: release_of(offer.version)))


def _bounds(app: App) -> AtLeast | None:
    """Return the highest release that a module is compiled for."""
    said = [found for pom in app.read(read_poms) if (found := _compiled_for(app, pom))]
    return AtLeast(max(said, key=lambda each: release_of(each.text))) if said else None


def _compiled_for(app: App, pom: Pom) -> Written | None:
    for name in _PROPERTIES:
        if release_of(value := pom.property(name)):
            return _written(app, pom, value, name)
    for plugin, elements in _COMPILERS.items():
        found = pom.plugin(plugin)
        for element in elements if found else ():
            if found and release_of(value := pom.text(found.texts.get(element, ""))):
                return _written(app, pom, value, element)
    return None


def _written(app: App, pom: Pom, value: str, name: str) -> Written:
    at: Pom | None = pom
    while at is not None:
        for number, line in enumerate(lines_of(app.source, at.file), start=1):
            if f"<{name}>" in line:
                return Written(value, at.file, number, name)
        at = at.above
    return Written(value, pom.file, None, name)


def _prefer(app: App, offers: tuple[AnyOffer, ...], _target: Target) -> Preferred | None:
    if _bounds(app):
        return None
    usual = next((offer for offer in offers if release_of(offer.version) == USUAL), None)
    if usual is None:
        return None
    return Preferred(usual, "nothing asks for a version; it is the usual one", "")


VERSIONS: Final = Versions(
    pins=(
        in_properties("system.properties", "java.runtime.version"),
        in_file(".java-version"),
        in_mise("java"),
        in_tool_versions("java"),
        in_sdkmanrc("java"),
    ),
    grammar=Release,
    bounds=_bounds,
    prefer=_prefer,
)
