"""Which of several versions of Python a lockfile is for: the one that it has wheels for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from hop3_nix.errors import Hop3NixError
from hop3_nix.locks import hashlock, own
from hop3_nix.toolchains.python.dependencies import Asked, native_lock, target_python
from hop3_nix.toolchains.python.sdists import is_sdist
from hop3_nix.toolchains.python.too_new import too_new
from hop3_nix.toolchains.versions import Preferred, release_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.tags import Tag

    from hop3_nix.plan import AnyOffer, Dependency, Target
    from hop3_nix.toolchains.app import App
    from hop3_nix.toolchains.python.indexes import Indexes

    Offers = tuple[AnyOffer, ...]


def fitting(app: App, offers: Offers, target: Target) -> Preferred | None:
    """Return the version that hop3-nix.lock was written for, else what `fitting_native` does."""
    if not app.source.has(own.FILE):
        return fitting_native(app, offers, target)
    try:
        lock = hashlock.parse(app.source.read_text(own.FILE))
    except Hop3NixError:
        # Whoever reads it for what is in it says what is wrong.
        return None
    release = ".".join(map(str, lock.python.release))
    for offer in offers:
        if release_of(offer.version) == release:
            return Preferred(offer, f"{own.FILE} was written for it", own.FILE)
    return None


def fitting_native(app: App, offers: Offers, target: Target) -> Preferred | None:
    """Return the first that all runs on, with the least to compile, by the app's own lockfile."""
    asked = Asked.by(app.config)
    best: tuple[tuple[bool, int], AnyOffer, str] | None = None
    for offer in offers:
        try:
            locked = native_lock(app.source, target_python(offer, target), asked)
        except Hop3NixError:
            # It has nothing for this version, or whoever reads it for its content says more.
            continue
        if locked is None:
            return None
        number = too_new(offer, locked.dependencies) is not None, compiled(locked.dependencies)
        if best is None or number < best[0]:
            best = number, offer, locked.files[0]
        if number == (False, 0):
            break
    if best is None:
        return None
    _, offer, file = best
    reason = f"{file} has what runs on it, or wheels for it, that it has not for newer ones"
    return Preferred(offer, reason, file)


def have_wheels(
    files: Iterable[Dependency], offers: Offers, target: Target, indexes: Indexes
) -> bool:
    """Return whether one of ``offers`` has a wheel of what is a source distribution in ``files``.

    Raises TemporaryError if an index does not answer.
    """
    tags = frozenset(tag for offer in offers for tag in target_python(offer, target).tags())
    return bool(offers) and any(
        offered.filename.endswith(".whl") and _is_wheel_of(file, offered.filename, tags)
        for file in files
        if is_sdist(file.filename)
        for offered in indexes.offered(file.name)
    )


def _is_wheel_of(file: Dependency, filename: str, tags: frozenset[Tag]) -> bool:
    try:
        _, version, _, theirs = parse_wheel_filename(filename)
        return version == Version(file.version) and not tags.isdisjoint(theirs)
    except (InvalidWheelFilename, InvalidVersion):
        return False


def compiled(files: Iterable[Dependency]) -> int:
    """Return how many of ``files`` would have to be compiled."""
    return sum(is_sdist(file.filename) for file in files)
