"""Cargo.toml: a package, its targets and what it depends on, by the rules of the Cargo book."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.locks.reading import LockText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.locks.base import Place
    from hop3_nix.source import Source

MANIFEST: Final = "Cargo.toml"
REMEDY: Final = "See what cargo says of it: cargo metadata --no-deps"

_TABLES: Final = ("dependencies", "dev-dependencies", "build-dependencies")
_KINDS: Final = {"bin": "src/bin", "example": "examples", "test": "tests", "bench": "benches"}


@dataclass(frozen=True)
class Manifest:
    """A Cargo.toml, with the ``workspace`` table that it takes over values from."""

    source: Source
    file: str
    data: Mapping[str, Any]
    inherited: Mapping[str, Any]

    @property
    def directory(self) -> str:
        """Return where it stands, empty for the top."""
        return posixpath.dirname(self.file)

    @property
    def package(self) -> Mapping[str, Any]:
        """Return the table of the package, empty if the file only has a workspace."""
        return table(self.data, "package")

    @property
    def name(self) -> str:
        """Return the package's name."""
        return str(self.package.get("name", ""))

    def said(self, key: str) -> str:
        """Return a text of the package's, its workspace's if it says so; or nothing."""
        value = self.package.get(key)
        if isinstance(value, dict):
            value = table(self.inherited, "package").get(key)
        return value if isinstance(value, str) else ""

    def place(self, *path: str) -> Place:
        """Return where a key of it stands."""
        return LockText.of(self.source, self.file).key(*path)

    @property
    def dependencies(self) -> Iterator[tuple[str, Mapping[str, Any], tuple[str, ...]]]:
        """Yield each dependency with what it says, its workspace's words included, and its key."""
        targets = table(self.data, "target")
        homes = [((), self.data), *(((("target", name)), each) for name, each in targets.items())]
        for path, home in homes:
            for kind in _TABLES:
                for name, said in table(home, kind).items():
                    key = (*path, kind, name)
                    if isinstance(said, dict) and said.get("workspace"):
                        shared = table(self.inherited, "dependencies").get(name)
                        yield name, shared if isinstance(shared, dict) else {}, key
                    else:
                        yield name, said if isinstance(said, dict) else {}, key

    def programs(self) -> dict[str, str]:
        """Return the file that each program begins in, by its name."""
        found = dict(self._found("bin"))
        if self._has("src/main.rs") and self.package.get("autobins", True):
            found = {self.name: self._path("src/main.rs"), **found}
        for name, file in self._named("bin"):
            implied = "src/main.rs" if name == self.name else ""
            found[name] = file or found.get(name, "") or self._path(implied or f"src/bin/{name}.rs")
        return found

    def entries(self) -> tuple[str, ...]:
        """Return the files that its targets begin in, as far as they are there."""
        build = self.package.get("build", "build.rs")
        lib = table(self.data, "lib").get("path", "src/lib.rs")
        found = [*self.programs().values()]
        found += [self._path(file) for file in (build, lib) if isinstance(file, str)]
        for kind in _KINDS:
            found += [file for _, file in (*self._found(kind), *self._named(kind))]
        return tuple(dict.fromkeys(file for file in found if self.source.has(file)))

    def _named(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield the targets that the file has, and what they begin in if it says that."""
        listed = self.data.get(kind)
        for each in listed if isinstance(listed, list) else ():
            path = each.get("path")
            yield str(each.get("name", "")), self._path(path) if isinstance(path, str) else ""

    def _found(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield the targets that are there by their place."""
        if not self.package.get(f"auto{kind.replace('bench', 'benche')}s", True):
            return
        front = re.escape(self._path(_KINDS[kind]))
        pattern = re.compile(rf"{front}/(?:([^/]+)\.rs|([^/]+)/main\.rs)")
        for file in self.source.files:
            if found := pattern.fullmatch(file):
                yield found[1] or found[2], file

    def _has(self, path: str) -> bool:
        return self.source.has(self._path(path))

    def _path(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.directory, path))


def table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the table ``name``, empty if there is none."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def read_manifest(
    source: Source, file: str, inherited: Mapping[str, Any] | None = None
) -> Manifest:
    """Return the manifest in ``file``. Raises LockError if it is no TOML."""
    data = LockText.of(source, file).toml(REMEDY)
    own = table(data, "workspace")
    return Manifest(source, file, data, own if inherited is None else inherited)
