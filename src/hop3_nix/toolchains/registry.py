"""The toolchains, in the order in which they are asked, and which of them an app is of."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import SourceError, UnavailableError, UnsupportedError
from hop3_nix.toolchains.node.toolchain import NodeToolchain
from hop3_nix.toolchains.python.toolchain import PythonToolchain
from hop3_nix.toolchains.static.toolchain import StaticToolchain

if TYPE_CHECKING:
    from hop3_nix.config import AppConfig
    from hop3_nix.source import Source
    from hop3_nix.toolchains.base import Toolchain

ENTRY_POINTS: Final = "hop3_nix.toolchains"
"""Group of the entry points that add toolchains; each names a Toolchain instance."""

TOOLCHAINS: Final[tuple[Toolchain, ...]] = (
    PythonToolchain(),
    NodeToolchain(),
    StaticToolchain(),
)
"""Our own; the first that recognises a source has it."""


def toolchains() -> tuple[Toolchain, ...]:
    """Return our own toolchains, then those that installed packages add, by name.

    Raises UnavailableError if one of those cannot be imported.
    """
    added = []
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        try:
            added.append(point.load())
        except Exception as error:
            raise UnavailableError(
                f"the toolchain {point.name!r} ({point.value}) cannot be loaded: {error}",
                tip="Upgrade the package that adds it, or uninstall it.",
            ) from error
    return (*TOOLCHAINS, *added)


def detect(source: Source, config: AppConfig) -> Toolchain:
    """Return the toolchain that ``[build] toolchain`` names, else the first that recognises it.

    Raises UnsupportedError if there is none of that name, SourceError if none recognises it.
    """
    known = toolchains()
    if config.toolchains:
        return _named(config, known)
    for toolchain in known:
        if toolchain.detect(source) is not None:
            return toolchain
    looked_for = "; ".join(f"{each.name} by {', '.join(each.looks_for)}" for each in known)
    raise SourceError(
        f"no application here: no file at the top tells its language (looked for: {looked_for})",
        file=str(source.root),
        tip="Give the directory that holds the application, or name its language: "
        '[build] toolchain = "..." in hop3.toml.',
    )


def _named(config: AppConfig, known: tuple[Toolchain, ...]) -> Toolchain:
    for toolchain in known:
        if toolchain.name == config.toolchains[0]:
            return toolchain
    file, line = config.where("build.toolchain")
    raise UnsupportedError(
        f"there is no toolchain {config.toolchains[0]!r}",
        file=file,
        line=line,
        tip=f"There are: {', '.join(each.name for each in known)}.",
    )
