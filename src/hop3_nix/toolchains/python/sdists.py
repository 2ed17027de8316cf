"""Source distributions: what the backend inside one needs to build it."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING, Final

from hop3_nix.documents import toml_table
from hop3_nix.errors import LockError, UnsupportedError
from hop3_nix.toolchains.python.indexes import Indexes
from hop3_nix.toolchains.python.project import LEGACY_BUILD_REQUIRES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.plan import LockedFile

_MAX_BYTES: Final = 1 << 30


def is_sdist(filename: str) -> bool:
    """Return whether ``filename`` is that of a source distribution and not of a wheel."""
    return not filename.endswith(".whl")


def build_requires(sdist: LockedFile, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return ``[build-system] requires`` of an sdist (PEP 518); none of its code is run.

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
        text = _pyproject(content)
        data = toml_table(text)
    except (tarfile.TarError, zipfile.BadZipFile, UnicodeDecodeError, ValueError) as error:
        raise UnsupportedError(
            f"{sdist.filename} is no source distribution that can be read: {error}",
            tip=f"Use a version of {sdist.name} that has wheels.",
        ) from error
    requires = data.get("build-system", {}).get("requires")
    return LEGACY_BUILD_REQUIRES if requires is None else tuple(map(str, requires))


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


def _pyproject(content: bytes) -> str:
    """Return pyproject.toml of the archive's only top directory, empty if there is none."""
    stream = io.BytesIO(content)
    if zipfile.is_zipfile(stream):
        with zipfile.ZipFile(stream) as archive:
            names = [name for name in archive.namelist() if _is_pyproject(name)]
            return archive.read(names[0]).decode() if names else ""
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        for member in tar:
            if _is_pyproject(member.name) and (file := tar.extractfile(member)):
                return file.read().decode()
    return ""


def _is_pyproject(name: str) -> bool:
    directory, _, file = name.removeprefix("./").partition("/")
    return bool(directory) and file == "pyproject.toml"
