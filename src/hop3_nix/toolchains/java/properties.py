"""Files of properties: system.properties, .sdkmanrc, and the one of Maven's wrapper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.toolchains.versions import Written, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

_LINE: Final = re.compile(r"\s*([^#!\s=:][^=:\s]*)\s*[=:]\s*(.*?)\s*")
_ESCAPE: Final = re.compile(r"\\(.)")


def read_property(source: Source, file: str, name: str) -> Written | None:
    """Return what ``file`` has for ``name``, or None."""
    for number, line in enumerate(lines_of(source, file), start=1):
        found = _LINE.fullmatch(line)
        if found and found[1] == name and found[2]:
            return Written(_ESCAPE.sub(r"\1", found[2]), file, number, name)
    return None


def in_properties(file: str, name: str) -> Callable[[App], Written | None]:
    """Return what pins by a property of ``file``."""
    return lambda app: read_property(app.source, file, name)


def in_sdkmanrc(name: str) -> Callable[[App], Written | None]:
    """Return what pins by SDKMAN's file."""
    return in_properties(".sdkmanrc", name)
