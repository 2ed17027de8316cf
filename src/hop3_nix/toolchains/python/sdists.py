"""Source distributions: what the backend inside one needs to build it."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING, Final, NamedTuple

from packaging.utils import canonicalize_name

from hop3_nix.errors import LockError, UnsupportedError
from hop3_nix.files.documents import toml_table
from hop3_nix.locks.reading import LockText
from hop3_nix.locks.rust.cargo_lock import FILE as CARGO_LOCK
from hop3_nix.locks.rust.cargo_lock import crates_of
from hop3_nix.toolchains.python.indexes import Indexes
from hop3_nix.toolchains.python.project import LEGACY_BUILD_REQUIRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hop3_nix.plan import Dependency, LockedFile

_MAX_BYTES: Final = 1 << 30
_PYPROJECT: Final = "pyproject.toml"
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*")
_RUST: Final = frozenset({"maturin", "setuptools-rust"})
"""Backends that compile Rust."""


def is_sdist(filename: str) -> bool:
    """Return whether ``filename`` is that of a source distribution and not of a wheel."""
    return not filename.endswith(".whl")


class Needs(NamedTuple):
    """What building an sdist takes: ``[build-system] requires`` (PEP 518), and crates of Rust."""

    requires: tuple[str, ...]
    crates: tuple[Dependency, ...] = ()


def build_needs(sdist: LockedFile, settings: Mapping[str, str]) -> Needs:
    """Return what an sdist is built with; none of its code is run.

    ``settings`` is pip's environment, of which certificates and proxy are taken. Raises
    TemporaryError if it cannot be fetched, LockError if its digest is not the locked one.
    """
    content = _fetch(sdist.url, settings)
    digest = hashlib.sha256(content).hexdigest()
    if digest != sdist.sha256:
        raise LockError(
            f"hash mismatch: {sdist.filename}: locked sha256:{sdist.sha256}, "
            f"fetched sha256:{digest}",
            tip="Lock again if you trust the server that it comes from.",
        )
    try:
        found = _texts(content)
        data = toml_table(found.get(_PYPROJECT, ""))
    except (tarfile.TarError, zipfile.BadZipFile, UnicodeDecodeError, ValueError) as error:
        raise UnsupportedError(
            f"{sdist.filename} is no source distribution that can be read: {error}",
            tip=f"Use a version of {sdist.name} that has wheels.",
        ) from error
    requires = data.get("build-system", {}).get("requires")
    if requires is None:
        return Needs(LEGACY_BUILD_REQUIRES)
    requires = tuple(map(str, requires))
    if not builds_rust(requires):
        return Needs(requires)
    if CARGO_LOCK not in found:
        raise UnsupportedError(
            f"{sdist.filename} is built with Rust, and has no {CARGO_LOCK} that pins its crates",
            tip=f"Use a version of {sdist.name} that has wheels, or one that has the file.",
        )
    text = LockText(f"{CARGO_LOCK} of {sdist.filename}", found[CARGO_LOCK])
    return Needs(requires, crates_of(text))


def builds_rust(requirements: Iterable[str]) -> bool:
    """Return whether one of ``requirements`` is a backend that compiles Rust."""
    found = (_NAME.match(each.strip()) for each in requirements)
    return any(canonicalize_name(name[0]) in _RUST for name in found if name)


def _fetch(url: str, settings: Mapping[str, str]) -> bytes:
    try:
        with Indexes(settings).open(url) as answer:
            content = answer.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise LockError(
            f"{url} is not there", tip="Lock again, so that the lockfile has what the index has."
        ) from None
    if len(content) > _MAX_BYTES:
        raise UnsupportedError(
            f"{url} is larger than {_MAX_BYTES >> 20} MiB", tip="Use a version that has wheels."
        )
    return content


def _texts(content: bytes) -> dict[str, str]:
    """Return pyproject.toml of the archive's only top directory, and the first Cargo.lock."""
    stream = io.BytesIO(content)
    if zipfile.is_zipfile(stream):
        with zipfile.ZipFile(stream) as archive:
            wanted = _wanted(archive.namelist())
            return {file: archive.read(name).decode() for file, name in wanted.items()}
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        members = {member.name: member for member in tar}
        opened = {file: tar.extractfile(members[name]) for file, name in _wanted(members).items()}
        return {file: each.read().decode() for file, each in opened.items() if each}


def _wanted(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda each: (each.removeprefix("./").count("/"), each)):
        directory, _, file = name.removeprefix("./").partition("/")
        last = file.rpartition("/")[2]
        if directory and (file == _PYPROJECT or last == CARGO_LOCK):
            found.setdefault(last, name)
    return found
