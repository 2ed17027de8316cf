"""The toolchains there are, and the order in which they are asked.

Each package beside this module that has a module ``toolchain`` is one; the instance is called
``TOOLCHAIN`` there. What decides on importing that stands in the package itself: ``PRECEDENCE``,
those with a lower one being asked earlier, and ``ASSET_FILES``, without any of which no stage of
the language is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from hop3_nix import toolchains
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from hop3_nix.toolchains.language import Language

ENTRY_POINTS: Final = "hop3_nix.toolchains"
"""Group of the entry points that add toolchains; each names a Language."""

PRECEDENCE: Final = 100
"""Of a language whose applications have files that no others have."""


@dataclass(frozen=True)
class Known:
    """A toolchain of our own that need not be imported yet; its ``name`` is its package's."""

    precedence: int
    name: str
    asset_files: tuple[str, ...] = ()

    def load(self) -> Language:
        """Return the toolchain."""
        language: Language = import_module(_module(self.name)).TOOLCHAIN
        return language


@dataclass(frozen=True)
class Added:
    """A language that an installed package adds; it has no stages."""

    point: EntryPoint
    precedence: int = PRECEDENCE
    asset_files: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the entry point."""
        return self.point.name

    def load(self) -> Language:
        """Return the toolchain. Raises UnavailableError if it cannot be imported."""
        try:
            language: Language = self.point.load()
        except Exception as error:
            raise UnavailableError(
                f"the toolchain {self.name!r} ({self.point.value}) cannot be loaded: {error}",
                tip="Upgrade the package that adds it, or uninstall it.",
            ) from error
        return language


def known() -> tuple[Known | Added, ...]:
    """Return the languages in the order in which they are asked.

    Those that are added come behind ours that have files of their own, and before Node.
    """
    added = sorted(map(Added, entry_points(group=ENTRY_POINTS)), key=lambda each: each.name)
    return tuple(sorted((*_ours(), *added), key=lambda each: each.precedence))


@cache
def _ours() -> tuple[Known, ...]:
    packages = [module.name for module in iter_modules(toolchains.__path__) if module.ispkg]
    names = [name for name in packages if find_spec(_module(name))]
    return tuple(sorted(map(_known, names), key=lambda each: (each.precedence, each.name)))


def _module(name: str) -> str:
    return f"{toolchains.__name__}.{name}.toolchain"


def _known(name: str) -> Known:
    package = import_module(f"{toolchains.__name__}.{name}")
    return Known(
        precedence=getattr(package, "PRECEDENCE", PRECEDENCE),
        name=name,
        asset_files=getattr(package, "ASSET_FILES", ()),
    )
