"""Which Rust the application asks for: what compiled a program once, a newer one compiles too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import ConfigError
from hop3_nix.files.tomlfile import key_lines, line_of, parse_toml
from hop3_nix.locks.rust.workspace import read_workspace
from hop3_nix.toolchains.language import Versions
from hop3_nix.toolchains.mise import in_mise
from hop3_nix.toolchains.versions import Written, first_word, in_file, in_tool_versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.plan import AnyOffer
    from hop3_nix.toolchains.app import App

TOOLCHAIN_FILES: Final = ("rust-toolchain", "rust-toolchain.toml")
"""What rustup reads, and only rustup: of two, the first (its book, "Overrides")."""

_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:-[a-z0-9_]+-[a-z0-9_-]+)?")
_ANY: Final = re.compile(r"stable(?:-[a-z0-9_]+-[a-z0-9_-]+)?")
_FORMS: Final = "Write a version, such as 1.85 or 1.85.1, or stable."


@dataclass(frozen=True)
class AtLeast:
    """A version that compiles the application, as all later ones do; ``nearest`` is then taken."""

    written: Written
    nearest: bool = False

    def choose(self, offers: tuple[AnyOffer, ...]) -> tuple[AnyOffer, ...]:
        """Return those of ``offers`` that are not older. Raises UnsupportedError for no version."""
        lowest = _key(self.written.text)
        if lowest is None:
            raise self.written.error(
                f"Rust {self.written.text!r} is asked for, and there are released versions only",
                tip=_FORMS,
            )
        admitted = [offer for offer in offers if (_key(offer.version) or ()) >= lowest]
        return tuple(
            sorted(admitted, key=lambda each: _key(each.version) or ())
            if self.nearest
            else admitted
        )


def _key(version: str) -> tuple[int, ...] | None:
    found = _VERSION.fullmatch(version)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def _unless_any(pin: Callable[[App], Written | None]) -> Callable[[App], Written | None]:
    """Return ``pin``, for which ``stable`` asks for nothing."""

    def pinned(app: App) -> Written | None:
        found = pin(app)
        return None if found is None or _ANY.fullmatch(found.text) else found

    return pinned


def _of_rustup(app: App) -> Written | None:
    """Return the channel that rustup would be asked for; a path of the machine is refused."""
    file = next((file for file in TOOLCHAIN_FILES if app.source.has(file)), "")
    if not file:
        return None
    text = app.source.read_text(file)
    if "[" not in text:
        return first_word(app.source, file)
    lines = key_lines(text) if (said := parse_toml(text, file).get("toolchain")) else {}
    if not isinstance(said, dict):
        return None
    if "path" in said:
        raise ConfigError(
            "a compiler by its path is one of a machine",
            file=file,
            line=line_of(lines, ("toolchain", "path")),
            tip='Name a version: channel = "1.85"',
        )
    channel = said.get("channel")
    line = line_of(lines, ("toolchain", "channel"))
    return Written(str(channel), file, line, "channel") if channel else None


def _bounds(app: App) -> AtLeast | None:
    """Return the highest ``rust-version`` of the packages that are built, which is a minimum."""
    said = [
        (key, package)
        for package in app.read(read_workspace).built
        if (key := _key(package.said("rust-version")))
    ]
    if not said:
        return None
    _, package = max(said, key=lambda each: each[0])
    place = package.place("package", "rust-version")
    text = package.said("rust-version")
    return AtLeast(Written(text, place.file, place.line, "rust-version"))


VERSIONS: Final = Versions(
    pins=tuple(
        map(
            _unless_any,
            (_of_rustup, in_file(".rust-version"), in_mise("rust"), in_tool_versions("rust")),
        )
    ),
    grammar=lambda written: AtLeast(written, nearest=True),
    bounds=_bounds,
)
