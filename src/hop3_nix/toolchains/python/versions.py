"""Which Python the application asks for, and which of those on offer it gets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from packaging.specifiers import SpecifierSet

from hop3_nix.errors import ConfigError, UnsupportedError
from hop3_nix.locks.python import poetry_versions
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.python.pyproject import Document, read_toml

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.plan import Offer, Target
    from hop3_nix.source import Source

_PIN: Final = re.compile(r"(?:(?:c?python)[-@]?)?v?(\d+(?:\.\d+){0,2})")
_PIN_FORMS: Final = "Write a version of CPython there, such as 3.13."


@dataclass(frozen=True)
class Request:
    """A version that one of the app's files pins, such as ``3.11`` or ``3.11.4``."""

    version: str
    file: str
    line: int | None


@dataclass(frozen=True)
class Bounds:
    """A range of versions that the project admits, in PEP 440's form or Poetry's."""

    text: str
    file: str
    line: int | None
    poetry: bool = False

    def admit(self, version: str) -> bool:
        """Return whether ``version`` is within. Raises ConfigError if the text is no range."""
        try:
            if self.poetry:
                return poetry_versions.allows(self.text, version)
            return SpecifierSet(self.text).contains(version, prereleases=True)
        except ValueError as error:
            raise ConfigError(
                f"{self.text!r} is no range of versions",
                file=self.file,
                line=self.line,
                tip='Write a range such as ">=3.11,<4".',
            ) from error


def choose_version(
    source: Source, config: AppConfig, pyproject: Document, target: Target
) -> tuple[Offer, Evidence]:
    """Return the interpreter of ``target`` that the app gets, and why.

    Raises UnsupportedError, listing what is offered, if it has none that was asked for.
    """
    offers = target.offers_for("python")
    bounds = _bounds(source, pyproject)
    request = _request(source, config)
    if request is None:
        return _within(bounds, offers, target)
    matching = _matching(request.version, offers)
    if not matching:
        raise UnsupportedError(
            f"Python {request.version} is asked for, and {_listing(target)}",
            file=request.file,
            line=request.line,
            tip=f"Ask for one of those, or {_elsewhere(target)}.",
        )
    admitted = [offer for offer in matching if bounds is None or bounds.admit(offer.version)]
    if bounds and not admitted:
        raise UnsupportedError(
            f"Python {request.version} is asked for, and the project says {bounds.text!r} "
            f"({_place(bounds)}); {_listing(target)}",
            file=request.file,
            line=request.line,
            tip="Make the two agree.",
        )
    chosen = admitted[0]
    reason = f"{request.version} is asked for"
    if not _starts_with(chosen.version, request.version):
        reason += f"; {chosen.version} is the one of that minor version that is offered"
    return chosen, Evidence(
        choice=f"python {chosen.version}", reason=reason, file=request.file, line=request.line
    )


def minor_version(version: str) -> str:
    """Return ``3.13`` for ``3.13.5``."""
    return ".".join(version.split(".")[:2])


def _within(
    bounds: Bounds | None, offers: tuple[Offer, ...], target: Target
) -> tuple[Offer, Evidence]:
    if bounds is None:
        if not offers:
            raise UnsupportedError(
                _listing(target),
                tip="Install Python, or build with Nix and another package set (--pkgs).",
            )
        reason = f"nothing asks for a version; the first that {target.package_set} has"
        return offers[0], Evidence(choice=f"python {offers[0].version}", reason=reason)
    for offer in offers:
        if bounds.admit(offer.version):
            return offer, Evidence(
                choice=f"python {offer.version}",
                reason=f"the first that {bounds.text!r} admits",
                file=bounds.file,
                line=bounds.line,
            )
    raise UnsupportedError(
        f"the project needs Python {bounds.text!r}, and {_listing(target)}",
        file=bounds.file,
        line=bounds.line,
        tip=f"Widen the range, or {_elsewhere(target)}.",
    )


def _matching(asked: str, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Return the offers that begin with ``asked``, then those of its minor version."""
    minor = minor_version(asked)
    exact = tuple(offer for offer in offers if _starts_with(offer.version, asked))
    return exact + tuple(offer for offer in offers if minor_version(offer.version) == minor)


def _starts_with(version: str, asked: str) -> bool:
    parts = asked.split(".")
    return version.split(".")[: len(parts)] == parts


def _elsewhere(target: Target) -> str:
    on_host = any(offer.attribute.startswith("/") for offer in target.offers)
    return "build with Nix" if on_host else "build with another package set (--pkgs)"


def _listing(target: Target) -> str:
    versions = ", ".join(offer.version for offer in target.offers_for("python"))
    return f"{target.package_set} has {versions or 'no Python'}"


def _place(bounds: Bounds) -> str:
    return f"{bounds.file}:{bounds.line}" if bounds.line else bounds.file


def _request(source: Source, config: AppConfig) -> Request | None:
    """Return the first pin: hop3.toml, .python-version, runtime.txt, Pipfile, .tool-versions."""
    if asked := config.versions.get("python"):
        return _pin(asked, *config.where("build.python-version"))
    return (
        _first_line(source, ".python-version")
        or _first_line(source, "runtime.txt")
        or _pipfile(source)
        or _first_line(source, ".tool-versions", prefix="python ")
    )


def _first_line(source: Source, file: str, *, prefix: str = "") -> Request | None:
    for number, line in enumerate(_lines(source, file), start=1):
        words = line.removeprefix(prefix).split("#")[0].split()
        if line.startswith(prefix) and words and words[0] != "system":
            return _pin(words[0], file, number)
    return None


def _pipfile(source: Source) -> Request | None:
    pipfile = read_toml(source, "Pipfile")
    for key in ("python_full_version", "python_version"):
        asked = pipfile.string("requires", key)
        if asked and asked != "*":
            return _pin(asked, "Pipfile", pipfile.line("requires", key))
    return None


def _lines(source: Source, file: str) -> list[str]:
    return source.read_text(file).splitlines() if source.has(file) else []


def _pin(text: str, file: str, line: int | None) -> Request:
    match = _PIN.fullmatch(text.strip())
    if match is None:
        raise UnsupportedError(
            f"{text.strip()!r} is no version of CPython", file=file, line=line, tip=_PIN_FORMS
        )
    return Request(match[1], file, line)


def _bounds(source: Source, pyproject: Document) -> Bounds | None:
    for keys in (("project", "requires-python"), ("tool", "poetry", "dependencies", "python")):
        if text := pyproject.string(*keys):
            return Bounds(text, pyproject.file, pyproject.line(*keys), poetry=keys[0] == "tool")
    for number, line in enumerate(_lines(source, "setup.cfg"), start=1):
        key, _, text = (part.strip() for part in line.partition("="))
        if key == "python_requires" and text:
            return Bounds(text, "setup.cfg", number)
    return None
