"""Where packages come from: nixpkgs, the embedded Debian set, or a path of the user's own."""

from __future__ import annotations

from hop3_nix.packagesets.base import PackageSet
from hop3_nix.packagesets.choice import select
from hop3_nix.packagesets.debian import DebianSet
from hop3_nix.packagesets.nixpkgs import NixpkgsSet, PathSet

__all__ = ["DebianSet", "NixpkgsSet", "PackageSet", "PathSet", "select"]
