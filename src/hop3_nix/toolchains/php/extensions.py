"""Which extensions of PHP an application needs, and which of them there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import UnsupportedError
from hop3_nix.locks.php.composer_lock import FILE as LOCK_FILE
from hop3_nix.locks.php.composer_lock import MANIFEST
from hop3_nix.plan import Evidence
from hop3_nix.toolchains.php.manifest import read_lock, read_manifest
from hop3_nix.toolchains.versions import lines_of

if TYPE_CHECKING:
    from hop3_nix.plan import Target
    from hop3_nix.source import Source
    from hop3_nix.toolchains.app import App

ALWAYS: Final = frozenset(
    (
        *("bcmath", "bz2", "calendar", "core", "ctype", "curl", "date", "dom", "exif", "ffi"),
        *("fileinfo", "filter", "ftp", "gettext", "gmp", "hash", "iconv", "json", "libxml"),
        *("mbstring", "mysqli", "mysqlnd", "opcache", "openssl", "pcntl", "pcre", "pdo"),
        *("pdo_mysql", "pdo_pgsql", "pdo_sqlite", "pgsql", "phar", "posix", "random"),
        *("readline", "reflection", "session", "shmop", "simplexml", "soap", "sockets"),
        *("sodium", "spl", "sqlite3", "standard", "sysvmsg", "sysvsem", "sysvshm"),
        *("tokenizer", "xml", "xmlreader", "xmlwriter", "xsl", "zip", "zlib"),
    )
)
"""What every PHP of the embedded set has."""

MORE: Final = frozenset(
    (
        *("apcu", "gd", "igbinary", "imagick", "intl", "ldap", "memcached", "mongodb"),
        *("msgpack", "redis", "tidy", "yaml"),
    )
)
"""What it can have besides, for whoever asks."""

_OTHER_NAMES: Final = {"zend-opcache": "opcache", "zend opcache": "opcache"}


class Asked(NamedTuple):
    """An extension, by its name as PHP has it, and where it is asked for."""

    name: str
    file: str
    line: int | None


def choose_extensions(app: App, target: Target) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Return the extensions that the interpreter gets, and why.

    Raises UnsupportedError for one that the embedded set does not have.
    """
    asked = _asked(app)
    if target.packages is not None:
        # nixpkgs has more than could be listed here, and says itself what it lacks.
        for each in asked:
            if each.name not in ALWAYS | MORE:
                raise UnsupportedError(
                    f"the extension {each.name} is required, and {target.package_set} does not "
                    "have it",
                    file=each.file,
                    line=each.line,
                    tip=f"It has {', '.join(sorted(MORE))} and, in every PHP, "
                    f"{', '.join(sorted(ALWAYS))}. Or build with another package set (--pkgs).",
                )
    chosen = {each.name: each for each in reversed(asked) if each.name not in ALWAYS}
    evidence = tuple(
        Evidence(
            choice=f"extension {name}", reason="it is required", file=each.file, line=each.line
        )
        for name, each in sorted(chosen.items())
    )
    return tuple(sorted(chosen)), evidence


def _asked(app: App) -> list[Asked]:
    source = app.source
    manifest, lock = app.read(read_manifest), app.read(read_lock)
    found = [_in(source, MANIFEST, name) for name in manifest.require if _is_extension(name)]
    if lock is None:
        return found
    packages = (name for package in lock.packages for name in package.require)
    names = dict.fromkeys(name.lower() for name in (*lock.platform, *packages))
    # A package may bring in PHP what an extension is in C.
    provided = {name.lower() for package in lock.packages for name in package.provides}
    return found + [
        _in(source, LOCK_FILE, name)
        for name in names
        if _is_extension(name) and name not in provided
    ]


def _is_extension(name: str) -> bool:
    return name.lower().startswith("ext-")


def _in(source: Source, file: str, name: str) -> Asked:
    lines = enumerate(lines_of(source, file), 1)
    line = next((number for number, text in lines if f'"{name}"' in text.lower()), None)
    short = name.lower().removeprefix("ext-")
    return Asked(_OTHER_NAMES.get(short, short), file, line)
