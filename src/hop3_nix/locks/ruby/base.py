"""What the parts of a Gemfile.lock are once they are read, and the platform gems are chosen for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix.locks.base import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE: Final = "Gemfile.lock"

RUBY: Final = "ruby"
"""The platform of a gem that runs anywhere, or is compiled where it is installed."""


@dataclass(frozen=True)
class TargetRuby:
    """The platform that gems are chosen for; never the one that runs this."""

    system: Literal["x86_64-linux", "aarch64-linux"]

    @property
    def platforms(self) -> tuple[str, ...]:
        """Return the platforms whose gems run there, the most specific first.

        As RubyGems has it since 3.3.22: without a C library in its name, Linux is that of GNU.
        """
        cpus = {"x86_64-linux": ("x86_64",), "aarch64-linux": ("aarch64", "arm64")}[self.system]
        names = [f"{cpu}-linux{libc}" for libc in ("-gnu", "") for cpu in cpus]
        return (*names, RUBY)


@dataclass(frozen=True)
class LockedGem:
    """One entry of a GEM section: a version of a gem for one platform."""

    name: str
    version: str
    platform: str
    remotes: tuple[str, ...]
    """Addresses of the servers of its section, one as a rule."""
    line: int
    needs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the version with the platform, as lockfiles and file names have it."""
        return self.version if self.platform == RUBY else f"{self.version}-{self.platform}"

    @property
    def filename(self) -> str:
        """Return the name of its file, the same on every server and in vendor/cache."""
        return f"{self.name}-{self.key}.gem"

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(FILE, self.line)

    def __str__(self) -> str:
        return f"{self.name} {self.key}"


@dataclass(frozen=True)
class OtherSource:
    """A PATH, GIT or PLUGIN SOURCE section: where it is, and which gems with what needs."""

    kind: str
    remote: str
    line: int
    gems: Mapping[str, tuple[str, ...]]

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(FILE, self.line)


@dataclass(frozen=True)
class GemfileLock:
    """The content of a Gemfile.lock."""

    gems: tuple[LockedGem, ...] = ()
    others: tuple[OtherSource, ...] = ()
    platforms: tuple[str, ...] = ()
    dependencies: Mapping[str, str] = field(default_factory=dict)
    """What the Gemfile asks for: name to requirement, such as ``~> 7.1``; empty for any."""
    checksums: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """SHA-256 in hex by name and key; only of gems that have one."""
    ruby: str = ""
    ruby_line: int | None = None

    def named(self, name: str) -> tuple[LockedGem, ...]:
        """Return the gems called ``name``, one for each platform."""
        return tuple(self._by_name.get(name, ()))

    def version_of(self, name: str) -> str:
        """Return the version of the gem called ``name``, empty if it is not locked."""
        return next((gem.version for gem in self.named(name)), "")

    @cached_property
    def _by_name(self) -> dict[str, list[LockedGem]]:
        found: dict[str, list[LockedGem]] = {}
        for gem in self.gems:
            found.setdefault(gem.name, []).append(gem)
        return found

    def elsewhere(self, name: str) -> OtherSource | None:
        """Return the section other than GEM that has the gem called ``name``."""
        return next((other for other in self.others if name in other.gems), None)


def listing(names: Iterable[object], most: int = 3) -> str:
    """Return the first of ``names``, and how many there are besides."""
    texts = list(map(str, names))
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
