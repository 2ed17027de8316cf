"""The packages of an application: the package.json at its top, and those of its directories."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.node.workspaces import manifests
from hop3_nix.toolchains.node.manifest import FILE, Manifest, read_manifest

if TYPE_CHECKING:
    from hop3_nix.source import Source

VARIABLES: Final = re.compile(r"\bnpm_(?:package|lifecycle|config)_")
"""What package managers set for the scripts that they run."""

_PROGRAMS: Final = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")


class Packages:
    """Each package.json of the application, by its directory; read once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read: dict[str, Manifest] = {}
        self.visited: set[str] = set()
        """Directories in which a line that was written out runs a script."""

    def manifest(self, directory: str = "") -> Manifest:
        """Return the package.json of ``directory``, an empty one if it has none.

        Raises ConfigError if it is no JSON object.
        """
        if directory not in self._read:
            self._read[directory] = read_manifest(self._source, posixpath.join(directory, FILE))
        return self._read[directory]

    def is_package(self, directory: str) -> bool:
        """Return whether ``directory`` has a package.json."""
        return self._source.has(posixpath.join(directory, FILE))

    def above(self, directory: str) -> str:
        """Return the nearest directory, at or above ``directory``, with a package.json."""
        while directory and not self.is_package(directory):
            directory = directory.rpartition("/")[0]
        return directory

    def member(self, word: str) -> str | None:
        """Return the directory of the workspace that ``word`` names, or is the path of."""
        path = posixpath.normpath(word)
        if path in self._members.values():
            return path
        return self._members.get(word)

    @cached_property
    def read_variables(self) -> bool:
        """Return whether a program of the app reads a variable that package managers set."""
        return any(
            VARIABLES.search(self._source.read_text(path))
            for path in self._source.files
            if path.endswith(_PROGRAMS) and "node_modules/" not in path
        )

    @cached_property
    def _members(self) -> dict[str, str]:
        return {
            str(member.data.get("name")): directory
            for directory, member in manifests(self._source).items()
            if directory
        }
