"""Whether a source tree is a Ruby application, and which file says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.plan import Evidence

if TYPE_CHECKING:
    from hop3_nix.source import Source

MARKERS: Final = (
    ("Gemfile", "an application with gems"),
    ("config.ru", "a Rack application"),
)

LOOKS_FOR: Final = tuple(name for name, _ in MARKERS)


def find_marker(source: Source) -> Evidence | None:
    """Return the first of the files that tell Ruby, or None."""
    for name, reason in MARKERS:
        if source.has(name):
            return Evidence(choice="ruby", reason=reason, file=name)
    return None
