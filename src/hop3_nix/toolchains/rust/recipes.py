"""How a host without Nix builds the same: with its own cargo, which checks crates by Cargo.lock.

What is compiled is kept in the user's cache, one directory for each application's name.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from hop3_nix.files.resources import NIX
from hop3_nix.plan import LocalRecipe, PathRef, Step

if TYPE_CHECKING:
    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.app import App

BIN: Final = PathRef(layer="deps", path="bin")
"""Holds the compiler as build steps call it, and nothing when they are done."""

_TARGET: Final = PathRef(layer="app", path="app/target")
_PROGRAMS: Final = str(NIX / "lib/languages/rust/keep_target.py")

# rustup would heed the application's own rust-toolchain, and fetch what that names.
_LINK_TOOLS: Final = """\
set -eu
mkdir -p "$1"
ln -s "$("$2" --print sysroot)"/bin/* "$1"
"""

# A copy, so that two builds at a time do not meet. What stands at the top of a profile's directory
# are programs of another build.
_TAKE: Final = """\
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hop3-nix/cargo/$2
rm -rf "$1"
[ -d "$cache" ] || exit 0
cp -a "$cache" "$1" || rm -rf "$1"
find "$1" -mindepth 2 -maxdepth 3 -type f ! -path '*/.fingerprint/*' ! -path '*/deps/*' \
  ! -path '*/build/*' ! -name '.*' -delete
"""

_KEEP: Final = """\
set -eu
"$3" -B "$4" "$1" "$1.rest"
[ -d "$1.rest" ] || exit 0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hop3-nix/cargo/$2
mkdir -p "$cache.$$"
mv "$1.rest" "$cache.$$/new"
mv -T "$cache" "$cache.$$/old" 2>/dev/null || true
mv -T "$cache.$$/new" "$cache" || true
rm -rf "$cache.$$"
"""


def local_recipes(_app: App, plan: BuildPlan) -> tuple[LocalRecipe, ...]:
    """Return the recipe for ``plan``, whose compiler is a program of this machine."""
    cache = (_TARGET, plan.app.name)
    return (
        LocalRecipe(
            requires=("cargo", "cc"),
            steps=(
                Step(argv=("sh", "-c", _LINK_TOOLS, "sh", BIN, plan.interpreter)),
                Step(argv=("sh", "-c", _TAKE, "sh", *cache)),
            ),
            finish=(
                Step(argv=("sh", "-c", _KEEP, "sh", *cache, sys.executable, _PROGRAMS)),
                # Nothing that runs needs it.
                Step(argv=("find", BIN, "-type", "l", "-delete")),
            ),
        ),
    )
