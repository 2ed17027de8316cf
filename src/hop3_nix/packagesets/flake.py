"""The embedded Debian set as a flake: its Nix files with its lock inside, evaluated purely."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import InputError, TemporaryError, UnavailableError
from hop3_nix.files.resources import NIX
from hop3_nix.nix.commands import NixSettings
from hop3_nix.packagesets.npm_programs import fetched_languages
from hop3_nix.packagesets.own_wheels import FILE, locate_own_wheels, read_own_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.packagesets.debian import DebianSet
    from hop3_nix.packagesets.own_wheels import OwnWheels

PINS: Final = "pins"
SETTINGS: Final = "nix.conf"

_NO_PINS: Final = (".lock", "apt", "contents-*")
"""What the set's directory also has."""


def write_flake(
    packages: DebianSet,
    directory: Path,
    report: Callable[[str], None],
    *,
    locate: Callable[[], OwnWheels] = lambda: locate_own_wheels(read_own_lock()),
) -> None:
    """Make ``directory`` a flake of ``packages``, which are prepared; replace an earlier one.

    It is complete or it is not there. ``report`` is told what it lacks where pip reaches no index:
    languages that come as wheels, and hop3-nix itself. Raises InputError if the directory holds
    something else.
    """
    directory = directory.absolute()
    if _holds_something_else(directory):
        raise InputError(
            "there is something else where the flake would go",
            file=str(directory),
            tip="Name a directory that is empty or not there.",
        )
    for language in fetched_languages():
        try:
            packages.prepare(report, language.name)
        except (TemporaryError, UnavailableError) as error:
            report(f"{language.title} cannot be had from this set: {error}")
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{directory.name}.", dir=directory.parent) as scratch:
        made, former = Path(scratch, "made"), Path(scratch, "former")
        _copy_definition(made)
        shutil.copytree(packages.directory, made / PINS, ignore=shutil.ignore_patterns(*_NO_PINS))
        try:
            (made / PINS / FILE).write_text(locate().to_json(), encoding="utf-8")
        except (TemporaryError, UnavailableError) as error:
            report(f"hop3-nix itself cannot be built from this set: {error}")
        (made / SETTINGS).write_text(_settings(packages), encoding="utf-8")
        if directory.exists():
            directory.rename(former)
        made.rename(directory)


def _holds_something_else(directory: Path) -> bool:
    if not directory.exists() or (directory / PINS / "lock.json").is_file():
        return False
    return not directory.is_dir() or any(directory.iterdir())


def _copy_definition(target: Path) -> None:
    """Copy the set's Nix files, writable although they may stand in the store."""
    source = NIX / "debian"
    for file in source.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _settings(packages: DebianSet) -> str:
    """Return the lines of nix.conf with which Nix builds from the set."""
    features = "extra-experimental-features = nix-command flakes"
    return f"{features}\n{NixSettings(packages.nix_settings()).text()}"
