"""The gems that the app gets, as its Gemfile and its lockfile say: files with their digests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import Field

from hop3_nix.locks.base import Place
from hop3_nix.locks.own import REMEDY
from hop3_nix.locks.ruby import gemfile_lock
from hop3_nix.locks.ruby.base import FILE as LOCK_FILE
from hop3_nix.locks.ruby.base import GemfileLock, TargetRuby, listing
from hop3_nix.locks.ruby.digests import read_digests
from hop3_nix.locks.ruby.selecting import Roots, select
from hop3_nix.plan import Evidence, LockedFile
from hop3_nix.toolchains.language import Arguments
from hop3_nix.toolchains.ruby.gemfile import FILE, read_gemfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.config import AppConfig
    from hop3_nix.locks.ruby.base import LockedGem
    from hop3_nix.plan import Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.ruby.gemfile import Declared, Gemfile

CACHE: Final = "vendor/cache"
"""Where `bundle cache` puts gems, and where Bundler looks before it asks a server."""

WITHOUT: Final = "BUNDLE_WITHOUT"
_LEFT_OUT: Final = ("development", "test")


class DepsArguments(Arguments):
    """What only Ruby says to mkDeps."""

    vendored: dict[str, str] = Field(
        default={}, description="Gems in the application's tree: file name to path."
    )


@dataclass(frozen=True)
class Gems:
    """The gems of the app: those to fetch, those in its own tree by file name, and why."""

    fetched: tuple[LockedFile, ...]
    vendored: Mapping[str, str]
    names: frozenset[str]
    evidence: tuple[Evidence, ...]


def left_out(config: AppConfig) -> tuple[str, ...]:
    """Return the groups whose gems are not installed: what ``[env]`` says, else the usual two."""
    said = config.env.get(WITHOUT)
    return tuple(said.replace(":", " ").split()) if said is not None else _LEFT_OUT


def read_lock(source: Source) -> GemfileLock:
    """Return the app's Gemfile.lock. Raises LockError if it is missing or wrong."""
    if not source.has(FILE):
        raise Place(FILE).error(
            "there is none, and a Ruby application says in it which gems it needs",
            tip="Write one (bundle init), and lock it: bundle lock",
        )
    if not source.has(LOCK_FILE):
        raise Place(LOCK_FILE).error(
            f"there is none, so that nothing pins the gems of the {FILE}",
            tip="Write it and commit it: bundle lock --add-checksums",
        )
    return gemfile_lock.read(source)


def choose_gems(app: App, target: Target) -> Gems:
    """Return the gems to install, and where each comes from.

    Raises LockError if the lockfile is wrong or is not that of the Gemfile, or for a gem that
    nothing pins.
    """
    source, gemfile, lock = app.source, app.read(read_gemfile), app.read(read_lock)
    _refuse_stale(gemfile, lock)
    roots = _roots(gemfile, lock, frozenset(left_out(app.config)))
    return locate_gems(source, lock, select(source, lock, roots, TargetRuby(target.system)))


def locate_gems(source: Source, lock: GemfileLock, gems: tuple[LockedGem, ...]) -> Gems:
    """Return where each of ``gems`` comes from, with its digest.

    What is in vendor/cache is part of the app, whose digest pins it; if the lockfile has a
    checksum as well, both have to agree. Raises LockError if they do not, or for a gem that
    nothing pins.
    """
    vendored = {gem.filename: f"{CACHE}/{gem.filename}" for gem in gems if _vendored(source, gem)}
    for gem in gems:
        if gem.filename in vendored:
            _check_vendored(source, lock, gem)
    missing = [gem for gem in gems if gem.filename not in vendored and not _checksum(lock, gem)]
    digests = read_digests(source) if missing else {}
    if unknown := [gem for gem in missing if gem.filename not in digests]:
        raise unknown[0].place.error(
            f"there is no checksum of {listing(unknown)}, and no file in {CACHE}",
            tip="Have Bundler 2.6 or later write the checksums: bundle lock --add-checksums\n"
            f"Or have them written to hop3-nix.lock, to be committed: {REMEDY}\n"
            "Or keep the gems with the application: bundle cache",
        )
    fetched = tuple(
        LockedFile(
            name=gem.name,
            version=gem.key,
            filename=gem.filename,
            url=address(gem),
            sha256=_checksum(lock, gem) or digests[gem.filename],
        )
        for gem in gems
        if gem.filename not in vendored
    )
    return Gems(
        fetched=fetched,
        vendored=vendored,
        names=frozenset(gem.name for gem in gems),
        evidence=(_counted(len(fetched), len(vendored)),),
    )


def address(gem: LockedGem) -> str:
    """Return where its server has ``gem``. Raises LockError if that cannot be told."""
    if len(gem.remotes) != 1:
        said = listing(gem.remotes) or "none"
        raise gem.place.error(
            f"which server has {gem} cannot be told: its section names {said}",
            tip='Give each server a block of its own in the Gemfile: source "..." do',
        )
    return f"{gem.remotes[0].rstrip('/')}/gems/{gem.filename}"


def unpinned(source: Source, lock: GemfileLock) -> tuple[LockedGem, ...]:
    """Return the gems, for any platform, whose digests only their servers know."""
    return tuple(
        gem for gem in lock.gems if not _checksum(lock, gem) and not _vendored(source, gem)
    )


def _roots(gemfile: Gemfile, lock: GemfileLock, without: frozenset[str]) -> Roots:
    def kept(declared: Declared) -> bool:
        if declared.groups is None:
            return True
        return any(name not in without | gemfile.optional for name in declared.groups)

    names = []
    for name in lock.dependencies:
        declared = gemfile.named(name)
        # What is asked for in a way that cannot be told is better there than missing.
        if gemfile.unread or not declared or any(map(kept, declared)):
            names.append(name)
    return Roots(
        names=tuple(names),
        elsewhere=frozenset(gem.name for gem in gemfile.gems if gem.elsewhere),
        compiled=frozenset(gem.name for gem in gemfile.gems if gem.compiled),
    )


def _refuse_stale(gemfile: Gemfile, lock: GemfileLock) -> None:
    for gem in gemfile.gems:
        if gem.conditional:
            continue
        asked = " ".join([gem.name, *gem.requirements])
        if gem.name not in lock.dependencies:
            said = "does not have it"
        elif _conditions(*gem.requirements) != _conditions(lock.dependencies[gem.name]):
            said = f"was written for {gem.name} {lock.dependencies[gem.name] or 'of any version'}"
        else:
            continue
        raise Place(FILE, gem.line).error(
            f"{asked} is required, and {LOCK_FILE} {said}", tip="Lock again: bundle lock"
        )


def _conditions(*requirements: str) -> set[str]:
    """Return the conditions in their shortest form, without those that always hold."""
    parts = (part.strip() for text in requirements for part in text.split(","))
    short = {part.removeprefix("= ").replace(" ", "") for part in parts}
    return short - {"", ">=0"}


def _vendored(source: Source, gem: LockedGem) -> bool:
    entry = source.entries.get(f"{CACHE}/{gem.filename}")
    return entry is not None and entry.kind != "symlink"


def _checksum(lock: GemfileLock, gem: LockedGem) -> str:
    return lock.checksums.get((gem.name, gem.key), "")


def _check_vendored(source: Source, lock: GemfileLock, gem: LockedGem) -> None:
    file = f"{CACHE}/{gem.filename}"
    expected = _checksum(lock, gem)
    if expected and source.entries[file].sha256.hex() != expected:
        raise gem.place.error(
            f"{file} is not the file that the checksum of {gem} is of",
            tip="Either of them was changed. Fetch the gem again (delete it, then bundle cache), "
            "or, if you trust it, write the checksum again: bundle lock --add-checksums",
        )


def _counted(fetched: int, vendored: int) -> Evidence:
    parts = [f"{fetched} to fetch"] if fetched or not vendored else []
    parts += [f"{vendored} in {CACHE}"] if vendored else []
    return Evidence(choice="dependencies", reason=f"gems: {', '.join(parts)}", file=LOCK_FILE)
