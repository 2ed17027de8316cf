"""Which package set a build uses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hop3_nix.nix import commands as nixcli
from hop3_nix.packagesets.debian import DebianSet
from hop3_nix.packagesets.nixpkgs import NEEDS_NIX, NixpkgsSet, PathSet
from hop3_nix.packagesets.reach import answering, find_caches, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hop3_nix.packagesets.base import PackageSet


def select(
    requested: str | None,
    *,
    report: Callable[[str], None],
    caches: Callable[[], Sequence[str]] = find_caches,
    reach: Callable[[Sequence[str]], set[str]] = answering,
    now: Callable[[], float] = time.time,
    nix: Callable[[], tuple[int, int]] = nixcli.version,
) -> PackageSet:
    """Return the package set that was asked for: ``debian``, ``nixpkgs``, a path or ``<name>``.

    For None, nothing and ``auto``: nixpkgs if it can be had and the Debian set otherwise, and
    ``report`` says which and why.
    """
    match requested:
        case "debian":
            return DebianSet()
        case "nixpkgs":
            return NixpkgsSet()
        case None | "" | "auto":
            nixpkgs = NixpkgsSet()
            memory = nixpkgs.directory / "reach.json"
            reason = _too_old(nix()) or why_not(
                nixpkgs.pin, memory, caches=caches, reach=reach, now=now
            )
            if not reason:
                report("package set: nixpkgs")
                return nixpkgs
            report(f"package set: debian, as nixpkgs cannot be had: {reason}")
            return DebianSet()
        case path:
            return PathSet(path)


def _too_old(nix: tuple[int, int]) -> str:
    if nix >= NEEDS_NIX:
        return ""
    here, needed = (".".join(map(str, each)) for each in (nix, NEEDS_NIX))
    return f"it asks for Nix {needed} or newer, and this is {here}"
