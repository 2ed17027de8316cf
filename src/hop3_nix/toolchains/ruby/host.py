"""The Rubies that this machine has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from hop3_nix.errors import ToolError
from hop3_nix.plan import Offer
from hop3_nix.toolchains.on_path import programs_called

if TYPE_CHECKING:
    from hop3_nix.toolchains.base import Tools

_PROGRAM: Final = re.compile(r"ruby(\d+\.\d+)?")
_ASK: Final = (
    'require "etc"; require "json"; require "rbconfig"; '
    'libc = Etc.confstr(Etc::CS_GNU_LIBC_VERSION).to_s.delete_prefix("glibc ") rescue ""; '
    "puts JSON.generate([RUBY_ENGINE, RUBY_VERSION, RUBY_PATCHLEVEL, libc, RbConfig.ruby])"
)

CLEAN: Final = {"RUBYOPT": "", "RUBYLIB": "", "BUNDLE_GEMFILE": ""}
"""What the shell that we are called from may have set for another application."""


def find_interpreters(tools: Tools) -> tuple[Offer, ...]:
    """Return the released Rubies on PATH that run on glibc, one per version, the newest first."""
    found: dict[str, Offer] = {}
    for program in programs_called(_PROGRAM):
        try:
            answer = json.loads(tools.run([str(program), "-e", _ASK], env=CLEAN))
            engine, version, patch_level, libc, executable = answer
            # A preview has none.
            if engine == "ruby" and libc and patch_level >= 0:
                found.setdefault(
                    version,
                    Offer(language="ruby", version=version, attribute=executable, libc=libc),
                )
        except (ToolError, ValueError):
            # A shim of a version manager with no version active, or a broken installation.
            continue
    return tuple(sorted(found.values(), key=lambda offer: Version(offer.version), reverse=True))
