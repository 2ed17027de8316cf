"""Addresses for the files that a lockfile pins by digest alone."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from hop3_nix.errors import LockError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.state import state_dir
from hop3_nix.locks.base import Place
from hop3_nix.locks.python.packages import ListedFile, LockedPackage, choose
from hop3_nix.plan import LockedFile, UnlocatedFile
from hop3_nix.toolchains.python.indexes import Indexes, Offered
from hop3_nix.toolchains.python.pip import index_settings, is_configured, pip_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hop3_nix.locks.base import TargetPython
    from hop3_nix.plan import Dependency
    from hop3_nix.toolchains.base import Tools

_AT_ONCE: Final = 8
_SHOWN: Final = 3
_LOCK_AGAIN: Final = "Lock again, so that the lockfile has the digests that the index has now."


def locate_files(
    files: Sequence[Dependency], target: TargetPython, python: Callable[[], Path], tools: Tools
) -> tuple[Dependency, ...]:
    """Return ``files``, each with an address. ``python`` is only asked for if pip is.

    What was found is kept in the state directory: a digest stands for the same bytes for ever.
    Raises LockError if the index offers nothing with a locked digest, or TemporaryError.
    """
    known = {file: _recall(file, target) for file in files if isinstance(file, UnlocatedFile)}
    if any(known.values()) and is_configured():
        indexes = Indexes(index_settings(tools))
        known = (
            {
                file: None if found and indexes.to_be_found(found) is not found else found
                for file, found in known.items()
            }
            if not indexes.first_is_public
            else known
        )
    unknown = [file for file, found in known.items() if found is None]
    if unknown:
        known |= _ask(unknown, Indexes(pip_for(python(), tools).env), target)
    return tuple(
        located if isinstance(file, UnlocatedFile) and (located := known[file]) else file
        for file in files
    )


def _ask(
    files: Sequence[UnlocatedFile], indexes: Indexes, target: TargetPython
) -> dict[UnlocatedFile, LockedFile]:
    """Look for the locked digests on the pages of the indexes. No file is opened, let alone run."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        pages = pool.map(lambda file: _of_version(file, indexes), files)
        offered = dict(zip(files, pages, strict=True))
    located: dict[UnlocatedFile, LockedFile] = {}
    wrong: list[str] = []
    for file, there in offered.items():
        fitting = [each for each in there if each.sha256 in file.sha256]
        if fitting:
            located[file] = _located(file, fitting, target)
        elif there:
            others = " or ".join(
                f"sha256:{each.sha256} ({each.filename})" for each in there[:_SHOWN]
            )
            locked = " or ".join(file.sha256)
            wrong.append(f"{file.name} {file.version}: locked sha256:{locked}, offered {others}")
        else:
            raise LockError(
                f"the index does not offer what the lockfile pins for {target}: "
                f"no matching distribution found for {file.name}=={file.version}",
                tip=f"{_LOCK_AGAIN} A lockfile with addresses (uv.lock, pylock.toml) needs no "
                "index.",
            )
    if wrong:
        raise LockError(
            "hash mismatch: " + "; ".join(wrong),
            tip=f"If you trust the index: {_LOCK_AGAIN[0].lower()}{_LOCK_AGAIN[1:]}",
        )
    for file, found in located.items():
        _remember(file, target, found)
    return located


def _of_version(file: UnlocatedFile, indexes: Indexes) -> list[Offered]:
    """Return what is offered of the version of ``file``, each with its digest."""
    return [
        each if each.sha256 else each._replace(sha256=_digest(each, indexes))
        for each in indexes.offered(file.name)
        if _is_of(each, file)
    ]


def _is_of(offered: Offered, file: UnlocatedFile) -> bool:
    if file.filename:
        return offered.filename == file.filename
    try:
        if offered.filename.endswith(".whl"):
            name, version, *_ = parse_wheel_filename(offered.filename)
        else:
            name, version = parse_sdist_filename(offered.filename)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        # Before PEP 625, a source distribution could be called otherwise.
        return offered.sha256 in file.sha256
    return name == canonicalize_name(file.name) and version == Version(file.version)


def _digest(offered: Offered, indexes: Indexes) -> str:
    """Return the digest of a file whose index does not tell it."""
    content = hashlib.sha256()
    try:
        with indexes.open(offered.url) as answer:
            while chunk := answer.read(1 << 20):
                content.update(chunk)
    except FileNotFoundError:
        return ""
    return content.hexdigest()


def _located(file: UnlocatedFile, fitting: Sequence[Offered], target: TargetPython) -> LockedFile:
    listed = [ListedFile(each.filename, (f"sha256:{each.sha256}",), each.url) for each in fitting]
    package = LockedPackage(file.name, file.version, Place(""), tuple(listed))
    best = choose(listed, package, target)
    return LockedFile(
        name=file.name,
        version=file.version,
        filename=best.filename,
        url=best.url,
        sha256=best.hashes[0].removeprefix("sha256:"),
    )


def _record(file: UnlocatedFile, target: TargetPython) -> Path:
    """Return where the address is kept; which file fits depends on the target as well."""
    key = json.dumps([file.model_dump(mode="json"), target.model_dump(mode="json")])
    return state_dir() / "python" / "addresses" / hashlib.sha256(key.encode()).hexdigest()


def _recall(file: UnlocatedFile, target: TargetPython) -> LockedFile | None:
    try:
        return LockedFile.model_validate_json(_record(file, target).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _remember(file: UnlocatedFile, target: TargetPython, found: LockedFile) -> None:
    """Keep the address, unless it carries a signature that expires."""
    if "?" not in found.url:
        write_text_atomic(_record(file, target), found.model_dump_json())
