"""What a failed build says that it has not found: headers, .pc files, programs, libraries.

Compilers, pkg-config, shells and installers each have their words for it; what they name is a file
that a package of the system would have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["header", "pkg-config", "program", "library", "cmake"]

_NAME: Final = r"[A-Za-z0-9][\w.+-]*"
_PROGRAM: Final = r"[A-Za-z][\w.+-]*"
_HEADER: Final = r"[A-Za-z0-9_][\w.+/-]*\.(?:h|hh|hpp|hxx)"
_LIBRARY: Final = r"lib[\w.+-]+\.so(?:\.\d+)*"

_SAID: Final[tuple[tuple[Kind, str], ...]] = (
    ("header", rf"fatal error: ['\"<]?({_HEADER})[>'\"]?:? (?:No such file|file not found)"),
    (
        "header",
        rf"(?:[Cc]an(?:not|'t) find|[Cc]ould not find|[Mm]issing|without) .{{0,30}}?({_HEADER})\b",
    ),
    ("header", rf"\b({_HEADER})(?: header)?(?: file)? (?:is |was )?(?:not found|missing)"),
    ("pkg-config", rf"Package ['\"]?({_NAME}?)['\"]?,? (?:was )?not found"),
    ("pkg-config", rf"Package ['\"]({_NAME})['\"], required by"),
    ("pkg-config", rf"No package ['\"]({_NAME})['\"] found"),
    ("pkg-config", rf"PackageNotFoundError: ({_NAME}) not found"),
    ("pkg-config", rf"[Dd]ependency ['\"]?({_NAME})['\"]?(?: found: NO| not found)"),
    ("pkg-config", rf"pkg-config (?:--\S+ )+({_NAME})['\"]? (?:returned|exited|died|failed)"),
    ("pkg-config", rf"Could NOT find ({_NAME}) \(missing:"),
    ("cmake", rf"^\s+({_NAME}(?:Config|-config)\.cmake)$"),
    ("program", rf"(?:^|[:\s])({_PROGRAM}): (?:command )?not found"),
    ("program", rf"\b({_NAME}[-_]config) (?:executable |is |was )*not found"),
    ("program", rf"[Cc]ould not (?:run|find|execute) ({_NAME}[-_]config)"),
    (
        "program",
        rf"(?:FileNotFoundError|Errno 2).*No such file or directory: b?['\"]({_NAME})['\"]",
    ),
    ("program", rf"make: ({_NAME}): No such file"),
    ("program", rf"spawn ({_NAME}) ENOENT"),
    ("program", rf"Program ['\"]?({_NAME})['\"]?(?: found: NO| not found)"),
    ("library", rf"cannot find -l({_NAME})"),
    ("library", rf"library not found for -l({_NAME})"),
    ("library", rf"({_LIBRARY}): cannot open shared object"),
    ("library", rf"({_LIBRARY}), which is not there"),
)
_PATTERNS: Final = tuple((kind, re.compile(text, re.MULTILINE)) for kind, text in _SAID)

_TELLING: Final[tuple[tuple[str, tuple[tuple[Kind, str], ...]], ...]] = (
    ("libxml2 and libxslt development", (("pkg-config", "libxml-2.0"), ("pkg-config", "libxslt"))),
    ("Can not find valid pkg-config name", (("pkg-config", "libmariadb"),)),
    ("Please define GSSAPI", (("header", "gssapi/gssapi.h"),)),
    ("Unable to find the PROJ", (("pkg-config", "proj"),)),
)
"""Installers that name no file."""

_STANDS_FOR: Final[dict[str, tuple[Kind, str]]] = {
    "BZip2": ("header", "bzlib.h"),
    "Boost": ("header", "boost/version.hpp"),
    "CURL": ("pkg-config", "libcurl"),
    "EXPAT": ("pkg-config", "expat"),
    "Freetype": ("pkg-config", "freetype2"),
    "ICU": ("pkg-config", "icu-uc"),
    "JPEG": ("pkg-config", "libjpeg"),
    "LibXml2": ("pkg-config", "libxml-2.0"),
    "LibXslt": ("pkg-config", "libxslt"),
    "OpenSSL": ("pkg-config", "openssl"),
    "PNG": ("pkg-config", "libpng"),
    "PostgreSQL": ("pkg-config", "libpq"),
    "SDL2": ("pkg-config", "sdl2"),
    "SQLite3": ("pkg-config", "sqlite3"),
    "TIFF": ("pkg-config", "libtiff-4"),
    "ZLIB": ("pkg-config", "zlib"),
    "krb5-config": ("header", "gssapi/gssapi.h"),
    "mariadb_config": ("pkg-config", "libmariadb"),
    "mysql_config": ("pkg-config", "libmariadb"),
}
"""Programs that several packages have, or Debian has by another name, and CMake's own names."""

_OWN: Final = frozenset({"python", "python3", "node", "npm", "ruby", "gcc", "cc", "g++", "git"})
"""Programs that are missing for another reason than that no package was named."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that was looked for: ``name`` is how its path ends."""

    kind: Kind
    name: str

    @property
    def is_loaded(self) -> bool:
        """Return whether it is looked for when a program runs, and not when one is compiled."""
        return self.kind == "library" and not self.name.endswith(".so")

    def rank(self, path: str, triple: str) -> int | None:
        """Return how good ``path`` of a Debian package is, 0 being best; None if it is another."""
        places = {
            "header": ("usr/include/", f"usr/include/{triple}/"),
            "pkg-config": (f"usr/lib/{triple}/pkgconfig/", "usr/share/pkgconfig/"),
            "program": ("usr/bin/", "usr/sbin/"),
            "library": (f"usr/lib/{triple}/", "usr/lib/"),
            "cmake": (),
        }[self.kind]
        if path in {place + self.name for place in places}:
            return 0
        if self.kind == "cmake":
            return 0 if "/cmake/" in path and path.endswith(f"/{self.name}") else None
        # A header may stand in a folder that the package's .pc file tells of.
        below = path.startswith("usr/include/") and path.endswith(f"/{self.name}")
        return 1 if self.kind == "header" and below else None


def find_missing(text: str) -> tuple[Missing, ...]:
    """Return what ``text``, the log of a build, says that is missing, each once, in its order."""
    found: dict[int, list[Missing]] = {}
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if match[1] not in _OWN:
                what, name = _STANDS_FOR.get(match[1], (kind, match[1]))
                found.setdefault(match.start(), []).append(Missing(what, _file(what, name)))
    for words, files in _TELLING:
        if (start := text.find(words)) >= 0:
            found.setdefault(start, []).extend(Missing(kind, _file(kind, n)) for kind, n in files)
    return tuple(dict.fromkeys(one for start in sorted(found) for one in found[start]))


def telling_lines(lines: tuple[str, ...], limit: int) -> Iterator[str]:
    """Yield the first ``limit`` of ``lines`` that say what is missing, or a compiler's error."""
    for line in lines:
        if limit and (find_missing(line) or _COMPILER.search(line)):
            limit -= 1
            yield line


_COMPILER: Final = re.compile(
    r"\S+:\d+:(?:\d+:)? (?:fatal )?error: |\bundefined reference to |^ld: "
)


def _file(kind: Kind, name: str) -> str:
    if kind == "pkg-config":
        return f"{name}.pc"
    if kind == "library" and not name.startswith("lib"):
        return f"lib{name}.so"
    return name
