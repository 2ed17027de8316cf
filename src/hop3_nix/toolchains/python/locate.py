"""Addresses for the files that a lockfile pins by digest alone."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from hop3_nix.atomic import write_text_atomic
from hop3_nix.errors import LockError, ToolError
from hop3_nix.plan import LockedFile, UnlocatedFile
from hop3_nix.state import state_dir
from hop3_nix.toolchains.python.pip import Found, Pip, last_error, pip_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hop3_nix.locks.base import TargetPython
    from hop3_nix.plan import Dependency
    from hop3_nix.toolchains.base import Tools

_LOCK_AGAIN: Final = "Lock again, so that the lockfile has the digests that the index has now."


def locate_files(
    files: Sequence[Dependency], target: TargetPython, python: Callable[[], Path], tools: Tools
) -> tuple[Dependency, ...]:
    """Return ``files``, each with an address. ``python`` is only asked for if pip is.

    What was found is kept in the state directory: a digest stands for the same bytes for ever.
    Raises LockError if the index offers nothing with a locked digest, or TemporaryError.
    """
    known = {file: _recall(file, target) for file in files if isinstance(file, UnlocatedFile)}
    unknown = [file for file, found in known.items() if found is None]
    if unknown:
        known |= _ask(unknown, pip_for(python(), tools), target)
    return tuple(
        located if isinstance(file, UnlocatedFile) and (located := known[file]) else file
        for file in files
    )


def _ask(
    files: Sequence[UnlocatedFile], pip: Pip, target: TargetPython
) -> dict[UnlocatedFile, LockedFile]:
    """Ask for all files at once, then again, by digest, for those that pip chose otherwise."""
    pins = [f"{file.name}=={file.version}" for file in files]
    try:
        chosen = _by_name(pip.resolve(["--no-deps", *pins]))
    except ToolError as error:
        raise LockError(
            f"the index does not offer what the lockfile pins for {target}: "
            f"{last_error(error.output)}",
            tip=f"{_LOCK_AGAIN} A lockfile with addresses (uv.lock, pylock.toml) needs no index.",
        ) from error
    others = [file for file in files if chosen[file.name].sha256 not in file.sha256]
    if others:
        chosen |= _by_name(_by_digest(others, chosen, pip))
    located = {file: _located(file, chosen[file.name]) for file in files}
    for file, found in located.items():
        _remember(file, target, found)
    return located


def _by_digest(
    files: Sequence[UnlocatedFile], chosen: dict[str, Found], pip: Pip
) -> tuple[Found, ...]:
    lines = [
        " ".join(
            [f"{file.name}=={file.version}", *(f"--hash=sha256:{hex_}" for hex_ in file.sha256)]
        )
        for file in files
    ]
    with tempfile.TemporaryDirectory(prefix="hop3-nix-") as directory:
        requirements = Path(directory, "requirements.txt")
        requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        try:
            return pip.resolve(["--no-deps", "--require-hashes", "-r", str(requirements)])
        except ToolError as error:
            raise _mismatch(files, chosen) from error


def _mismatch(files: Sequence[UnlocatedFile], chosen: dict[str, Found]) -> LockError:
    lines = [
        f"{file.name} {file.version}: locked sha256:{' or '.join(file.sha256)}, "
        f"offered sha256:{chosen[file.name].sha256} ({chosen[file.name].filename})"
        for file in files
    ]
    return LockError(
        "hash mismatch: " + "; ".join(lines),
        tip=f"If you trust the index: {_LOCK_AGAIN[0].lower()}{_LOCK_AGAIN[1:]}",
    )


def _by_name(found: Sequence[Found]) -> dict[str, Found]:
    return {canonicalize_name(each.name): each for each in found}


def _located(file: UnlocatedFile, found: Found) -> LockedFile:
    # An index without SHA-256: pip has checked the file itself, against the only locked digest.
    digest = found.sha256 or (file.sha256[0] if len(file.sha256) == 1 else "")
    if digest not in file.sha256:
        raise _mismatch([file], {file.name: found})
    return LockedFile(
        name=file.name,
        version=file.version,
        filename=found.filename,
        url=found.url,
        sha256=digest,
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
