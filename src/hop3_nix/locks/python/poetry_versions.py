"""Version constraints as Poetry writes them (its "Dependency specification" page)."""

from __future__ import annotations

import re
from typing import Final

from packaging.specifiers import SpecifierSet
from packaging.version import Version

_LOOSE_OPERATOR: Final = re.compile(r"(\^|~=|~|===|==|!=|>=|<=|>|<)\s+")
_COMPATIBLE: Final = re.compile(r"([\^~])(?!=)(.+)")
_ORDERED_WILDCARD: Final = re.compile(r"([<>]=?)(.+)\.\*")


def allows(constraint: str, version: str) -> bool:
    """Return whether ``constraint`` allows ``version``.

    Raises ValueError if ``constraint`` is none.
    """
    return any(
        SpecifierSet(",".join(map(_pep440, _LOOSE_OPERATOR.sub(r"\1", part).split()))).contains(
            version, prereleases=True
        )
        for part in re.split(r"\|\|?", constraint.replace(",", " "))
    )


def checked(constraint: str) -> str:
    """Return ``constraint``; raises ValueError if it is none."""
    allows(constraint, "0")
    return constraint


def _pep440(atom: str) -> str:
    if atom == "*":
        return ""
    if found := _COMPATIBLE.fullmatch(atom):
        return _range(found[1], found[2])
    if found := _ORDERED_WILDCARD.fullmatch(atom):
        return found[1] + found[2]
    return atom if atom[0] in "~=!<>" else f"=={atom}"


def _range(operator: str, text: str) -> str:
    """Return what a caret (no change of the first non-zero part) or a tilde allows."""
    release = list(Version(text).release)
    if operator == "~":
        place = min(1, len(release) - 1)
    else:
        place = next((i for i, part in enumerate(release) if part), len(release) - 1)
    upper = [*release[:place], release[place] + 1]
    return f">={text},<{'.'.join(map(str, upper))}.dev0"
