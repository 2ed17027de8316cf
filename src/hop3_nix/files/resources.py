"""The files that travel with the package: templates, the Nix library and what belongs to it.

Standard library only: an unchanged build asks for the fingerprint. The files are found beside this
module, and not by importlib.resources, because Nix reads them by their path in any case and that
module takes longer to import than all the rest of an unchanged build.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PACKAGE: Final = Path(__file__).parents[1]
TEMPLATES: Final = _PACKAGE / "data/templates"
"""The directory of the Jinja templates."""

NIX: Final = _PACKAGE / "data/nix"
"""The directory of the Nix files: ``lib``, ``debian`` and the pin of nixpkgs."""

_MEMBERS: Final = {
    "lib": NIX / "lib",
    "debian": NIX / "debian",
    "postbuild": _PACKAGE / "postbuild",
    "workers": _PACKAGE / "workers",
    "nixpkgs-pin.json": NIX / "nixpkgs-pin.json",
}
"""The layout of a copy of the library, and where each part of it comes from."""

_NONE: Final[Mapping[str, Path]] = MappingProxyType({})

_LEFT_OUT: Final = frozenset({"tests", "tests.nix", "__pycache__"})


def library_files(languages: Mapping[str, Path] = _NONE) -> Iterator[tuple[str, Path]]:
    """Yield every file of the library: its place in a copy, and where it is now.

    ``languages`` are those of other packages, each with the directory of its Nix files.
    """
    added = {f"lib/languages/{name}": path for name, path in languages.items()}
    for name, path in {**_MEMBERS, **added}.items():
        if not path.is_dir():
            yield name, path
            continue
        for file in _walk(path):
            yield f"{name}/{file.relative_to(path).as_posix()}", file


@cache
def fingerprint() -> str:
    """Return the SHA-256, in hex, of the names and contents of the library's files."""
    return _digest(library_files())


def fingerprint_with(languages: Mapping[str, Path]) -> str:
    """Return the same of a library that has ``languages`` of other packages as well."""
    return _digest(library_files(languages)) if languages else fingerprint()


@cache
def templates_fingerprint() -> str:
    """Return the SHA-256, in hex, of the names and contents of the templates."""
    return _digest((file.name, file) for file in _walk(TEMPLATES))


def is_current_library(directory: Path, languages: Mapping[str, Path] = _NONE) -> bool:
    """Return whether ``directory`` is a copy of this version of the library."""
    expected = fingerprint_with(languages)
    return directory.is_dir() and _digest(_files_of_copy(directory)) == expected


def write_library(directory: Path, languages: Mapping[str, Path] = _NONE) -> None:
    """Make ``directory`` a copy of the library; it is complete or it is not there.

    Nothing is written if it is one already, and another version of the library is replaced.
    Raises InputError if it holds something else, and OSError.
    """
    if is_current_library(directory, languages):
        return
    import shutil  # noqa: PLC0415 - an unchanged build writes nothing
    import tempfile  # noqa: PLC0415 - likewise

    if directory.is_dir():
        _refuse_other_content(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{directory.name}.", dir=directory.parent) as scratch:
        copy, former = Path(scratch) / "copy", Path(scratch) / "former"
        for name, file in library_files(languages):
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        copy.chmod(0o755)
        if directory.exists():
            directory.rename(former)
        try:
            copy.rename(directory)
        except OSError:
            # Another process may have written the same one in the meantime.
            if not is_current_library(directory, languages):
                raise


def _walk(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.name in _LEFT_OUT:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def _digest(files: Iterator[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, file in sorted(files):
        content = file.read_bytes()
        digest.update(f"{len(name)}:{name}{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def _files_of_copy(directory: Path) -> Iterator[tuple[str, Path]]:
    for path in directory.rglob("*"):
        if path.is_file():
            yield path.relative_to(directory).as_posix(), path


def _refuse_other_content(directory: Path) -> None:
    names = {path.name for path in directory.iterdir()}
    if names and not names <= set(_MEMBERS):
        other = ", ".join(sorted(names - set(_MEMBERS)))
        raise InputError(
            f"{directory} is not a copy of the Nix library: it also holds {other}",
            tip="Move that directory away, or choose another place for the expression.",
        )
