"""Which of the locked gems the app gets: those that it asks for, and what these need."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks import refusals
from hop3_nix.locks.base import Place
from hop3_nix.locks.ruby.base import FILE, RUBY, listing

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.locks.ruby.base import GemfileLock, LockedGem, OtherSource, TargetRuby
    from hop3_nix.source import Source

_BUNDLER: Final = "bundler"
"""Gems may need it, and it is never locked: it comes with Ruby."""


@dataclass(frozen=True)
class Roots:
    """What the Gemfile asks for, as far as it is installed.

    ``elsewhere`` are those of them that it wants on other platforms alone, ``compiled`` those that
    it wants in the variant for every platform (``force_ruby_platform``).
    """

    names: tuple[str, ...]
    elsewhere: Collection[str] = ()
    compiled: Collection[str] = ()


def select(
    source: Source, lock: GemfileLock, roots: Roots, target: TargetRuby
) -> tuple[LockedGem, ...]:
    """Return the gems to install, sorted by name, each in the variant that Bundler takes.

    Raises LockError for one that is not locked, not for this platform, or from a place that
    nothing pins.
    """
    _check_platforms(lock, target)
    chosen: dict[str, LockedGem | None] = {}
    ahead = [(name, "the Gemfile") for name in roots.names]
    while ahead:
        name, wanted_by = ahead.pop()
        if name in chosen or name == _BUNDLER:
            continue
        if other := lock.elsewhere(name):
            _check_other(source, other, name)
            chosen[name] = None
            ahead += [(need, name) for need in other.gems[name]]
            continue
        variants = lock.named(name)
        if not variants:
            if name in roots.elsewhere:
                continue
            raise Place(FILE).error(
                f"{name}, which {wanted_by} needs, is not locked", tip="Lock again: bundle lock"
            )
        gem = _variant(variants, target, compiled=name in roots.compiled)
        if gem is None:
            if name in roots.elsewhere:
                continue
            raise _for_others(variants, target)
        chosen[name] = gem
        ahead += [(need, name) for need in gem.needs]
    return tuple(gem for _, gem in sorted(chosen.items()) if gem is not None)


def _check_platforms(lock: GemfileLock, target: TargetRuby) -> None:
    if lock.platforms and not set(lock.platforms) & set(target.platforms):
        raise Place(FILE).error(
            f"it is locked for {listing(lock.platforms)}, and the target is {target.system}",
            tip=f"Add the platform: bundle lock --add-platform {target.system}",
        )


def _variant(
    variants: tuple[LockedGem, ...], target: TargetRuby, *, compiled: bool
) -> LockedGem | None:
    by_platform = {gem.platform: gem for gem in variants}
    wanted = (RUBY,) if compiled else target.platforms
    return next((by_platform[name] for name in wanted if name in by_platform), None)


def _for_others(variants: tuple[LockedGem, ...], target: TargetRuby) -> Exception:
    first = variants[0]
    platforms = listing(gem.platform for gem in variants)
    return first.place.error(
        f"{first.name} {first.version} is locked for {platforms} only, and the target is "
        f"{target.system}",
        tip=f"Add the platform: bundle lock --add-platform {target.system}",
    )


def _check_other(source: Source, other: OtherSource, name: str) -> None:
    if other.kind == "GIT":
        raise refusals.from_repository(
            name,
            other.place,
            where=other.remote,
            tip="Publish it to a gem server, or copy it into the tree and name its directory: "
            f'gem "{name}", path: "vendor/{name}"',
        )
    if other.kind != "PATH":
        raise other.place.error(
            f"{name} comes from a source that a plugin of Bundler adds ({other.remote})",
            tip="Publish it to a gem server, or copy it into the tree and name its directory with "
            "path:.",
        )
    directory = posixpath.normpath(other.remote)
    inside = not directory.startswith(("/", "../")) and directory != ".."
    prefix = "" if directory == "." else f"{directory}/"
    if not inside or not any(file.startswith(prefix) for file in source.files):
        raise other.place.error(
            f"{name} is in the directory {other.remote}, which is no part of the application",
            tip="Copy it into the tree, and name it there.",
        )
