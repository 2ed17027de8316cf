"""The packages that the app gets: from composer.lock, or as they are committed in vendor/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.base import Place
from hop3_nix.locks.own import REMEDY
from hop3_nix.locks.php.composer_lock import FILE as LOCK_FILE
from hop3_nix.locks.php.composer_lock import MANIFEST, archives
from hop3_nix.locks.php.digests import read_digests
from hop3_nix.plan import Evidence, LockedFile
from hop3_nix.toolchains.php.manifest import INSTALLED, read_lock, read_manifest

if TYPE_CHECKING:
    from hop3_nix.locks.php.composer_lock import ComposerLock
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.php.manifest import Manifest

COMMIT: Final = "commit vendor/ with the application (composer install --no-dev)"


@dataclass(frozen=True)
class Packages:
    """The packages of the app: files to fetch, names, and why; ``install`` if composer does it."""

    files: tuple[LockedFile, ...] = ()
    names: frozenset[str] = frozenset()
    install: bool = False
    evidence: tuple[Evidence, ...] = ()


def choose_packages(app: App) -> Packages:
    """Return the packages, and where each comes from.

    Raises LockError if there are some and nothing pins them, or the lock is not that of
    composer.json.
    """
    source, manifest, lock = app.source, app.read(read_manifest), app.read(read_lock)
    if source.has(INSTALLED):
        # What is committed is what the application was tried with.
        reason = "vendor/ is a part of the application, and composer does not run"
        evidence = Evidence(choice="dependencies", reason=reason, file=INSTALLED)
        names = lock.names if lock else frozenset(name.lower() for name in manifest.packages)
        return Packages(names=names, evidence=(evidence,))
    if not source.has(MANIFEST):
        return Packages()
    if lock is None:
        if manifest.packages:
            raise Place(MANIFEST).error(
                f"{manifest.packages[0]} is required, and there is neither a {LOCK_FILE} that pins "
                "it nor vendor/",
                tip=f"Write it and commit it: composer update. Or {COMMIT}.",
            )
        return Packages(install=_autoloads(manifest))
    _refuse_stale(app, manifest, lock)
    pinned = archives(source, lock)
    digests = read_digests(source) if pinned else {}
    unknown = [each for each in pinned if each[1].url not in digests]
    if unknown:
        package, _, place = unknown[0]
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        raise place.error(
            f"{LOCK_FILE} has no SHA-256 of the archive of {package.name}{more}: composer writes "
            "none",
            tip=f"Have them written to hop3-nix.lock, to be committed: {REMEDY}\nOr {COMMIT}.",
        )
    files = tuple(
        LockedFile(
            name=package.name,
            version=package.version,
            filename=package.filename,
            url=dist.url,
            sha256=digests[dist.url],
        )
        for package, dist, _ in pinned
    )
    reason = f"{LOCK_FILE} locks {len(lock.packages)} packages"
    evidence = Evidence(choice="dependencies", reason=reason, file=LOCK_FILE)
    return Packages(files=files, names=lock.names, install=True, evidence=(evidence,))


def _autoloads(manifest: Manifest) -> bool:
    """Return whether composer has something to do although there is no package."""
    return manifest.autoload != {}


def _refuse_stale(app: App, manifest: Manifest, lock: ComposerLock) -> None:
    there = {*lock.names, *(name.lower() for each in lock.packages for name in each.provides)}
    for name in manifest.packages:
        if name.lower() not in there:
            line = next(
                (
                    number
                    for number, text in enumerate(
                        app.source.read_text(MANIFEST).splitlines(), start=1
                    )
                    if f'"{name}"' in text
                ),
                None,
            )
            raise Place(MANIFEST, line).error(
                f"{name} is required, and {LOCK_FILE} does not have it",
                tip="Lock again: composer update",
            )
