"""The program ``mvn`` of builds without Nix, by the text that Nix has for it as well."""

from __future__ import annotations

import shlex
from typing import Final

from hop3_nix.files.resources import NIX

TEXT: Final = NIX / "lib/languages/java/mvn.sh"


def mvn(shell: str, jdk: str, maven: str, *options: str) -> str:
    """Return a script that calls the Maven in ``maven``; options may have variables of a shell."""
    text = TEXT.read_text(encoding="utf-8")
    for name, value in (
        ("jdk", shlex.quote(jdk)),
        ("maven", shlex.quote(maven)),
        ("options", " ".join(options)),
    ):
        text = text.replace(f"@{name}@", value)
    return f"#!{shell}\n{text}"
