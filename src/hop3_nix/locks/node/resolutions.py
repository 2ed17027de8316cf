"""The ``resolutions`` of package.json, as Yarn 2 and later apply them.

They replace the range that a package asks for before it is looked up, so that yarn.lock has the
replacement alone (https://yarnpkg.com/configuration/manifest#resolutions).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.locks.node.workspaces import MANIFEST, Member, texts

if TYPE_CHECKING:
    from hop3_nix.source import Source

_NAME: Final = r"(?:@[^/@*]+/)?[^/@*]+"
_PATTERN: Final = re.compile(
    rf"(?:(?:\*\*/)?(?P<parent>{_NAME})(?:@(?P<version>.+?))?/)?"
    rf"(?:\*\*/)?(?P<name>{_NAME})(?:@(?P<range>.+))?"
)


@dataclass(frozen=True)
class _Rule:
    name: str
    range: str
    parent: str
    version: str
    instead: str


@dataclass(frozen=True)
class Resolutions:
    """The rules, in the order in which they stand."""

    rules: tuple[_Rule, ...] = ()

    def range(self, name: str, range_: str, *, parent: str = "", version: str = "") -> str:
        """Return what is looked up for ``name@range_``, asked for by ``parent`` of ``version``."""
        plain = range_.removeprefix("npm:")
        for rule in self.rules:
            if (
                rule.name == name
                and rule.range in {"", plain}
                and rule.parent in {"", parent}
                and rule.version in {"", version}
            ):
                return rule.instead
        return range_


def read_resolutions(source: Source) -> Resolutions:
    """Return the rules of the app's package.json. Raises LockError for one that is not applied."""
    member = Member.of(source, MANIFEST)
    rules = []
    for pattern, instead in texts(member.data, "resolutions").items():
        place = member.text.containing(f'"{pattern}"')
        found = _PATTERN.fullmatch(pattern)
        if found is None:
            raise place.error(
                f"resolutions: {pattern!r} names no package",
                tip="Write NAME, PARENT/NAME or NAME@npm:RANGE.",
            )
        if instead.startswith("patch:"):
            raise place.error(
                f"resolutions: {pattern} is {instead}: patches are not applied",
                tip="Have patch-package apply it, in the script postinstall.",
            )
        rules.append(
            _Rule(
                name=found["name"],
                range=(found["range"] or "").removeprefix("npm:"),
                parent=found["parent"] or "",
                version=(found["version"] or "").removeprefix("npm:"),
                instead=instead,
            )
        )
    return Resolutions(tuple(rules))
