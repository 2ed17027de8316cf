"""Which Go the application asks for: its ``go`` line is the oldest that compiles it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.go.modules import read_modules
from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.versions import Pin, Written, in_file, in_tool_versions

if TYPE_CHECKING:
    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App

_VERSION: Final = re.compile(r"(?:go)?(\d+(?:\.\d+){0,2})")
_WRITTEN: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+)|(rc|beta)(\d+))?")
_FORMS: Final = "Write a version, such as 1.24 or 1.24.4."


@dataclass(frozen=True)
class AtLeast:
    """The ``go`` line of a go.mod or go.work, which Go itself compares like this."""

    written: Written

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of ``offers`` that are not older. Raises UnsupportedError for no version."""
        if (lowest := _key(self.written.text)) is None:
            raise self.written.error(f"{self.written.text!r} is no version of Go", tip=_FORMS)
        return tuple(
            offer for offer in offers if (key := _key(offer.version)) is not None and key >= lowest
        )


def _key(version: str) -> tuple[int, int, int, int, int] | None:
    """Return what orders versions: 1.21 < 1.21rc1 < 1.21.0, and before 1.21 rc1 < 1.20."""
    found = _WRITTEN.fullmatch(version)
    if found is None:
        return None
    major, minor = int(found[1]), int(found[2])
    if found[3] is not None:
        return major, minor, 3, int(found[3]), 0
    if found[4]:
        return major, minor, {"beta": 1, "rc": 2}[found[4]], int(found[5]), 0
    return major, minor, 0, 0, 0


def _pin(written: Written) -> Pin:
    found = _VERSION.fullmatch(written.text)
    if found is None:
        raise written.error(f"{written.text!r} is no version of Go", tip=_FORMS)
    return Pin(written, found[1])


def _of_heroku(app: App) -> Written | None:
    top = app.read(read_modules).top
    return Written(top.says, top.file, top.says_line, "goVersion") if top.says else None


def _bounds(app: App) -> AtLeast | None:
    """Return the highest of the lines of the application's own modules and its workspace."""
    modules = app.read(read_modules)
    said = [mod for mod in (modules.top, *modules.own, *modules.local) if mod.go]
    if not said:
        return None
    for mod in said:
        if _key(mod.go) is None:
            return AtLeast(Written(mod.go, mod.file, mod.go_line, "go"))
    highest = max(said, key=lambda mod: _key(mod.go) or ())
    return AtLeast(Written(highest.go, highest.file, highest.go_line, "go"))


VERSIONS: Final = Versions(
    pins=(in_file(".go-version"), in_mise("go"), in_tool_versions("golang", "go"), _of_heroku),
    grammar=_pin,
    bounds=_bounds,
)
