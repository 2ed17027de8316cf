"""Crates that stand for a library or a program of the system, and the packages that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hop3_nix.errors import LockError
from hop3_nix.locks.rust.cargo_lock import read_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hop3_nix.toolchains.app import App


class Row(NamedTuple):
    """The packages for a crate, unless it brings its own: it then depends on ``unless``."""

    packages: tuple[str, ...]
    unless: str = ""


_BY_PC: Final = "pkg-config"

LIBRARIES: Final[dict[str, Row]] = {
    "alsa-sys": Row(("alsa-lib", _BY_PC)),
    "cmake": Row(("cmake",)),
    "cairo-sys-rs": Row(("cairo", _BY_PC)),
    "freetype-sys": Row(("freetype", _BY_PC), unless="cc"),
    "gdk-pixbuf-sys": Row(("gdk-pixbuf", _BY_PC)),
    "glib-sys": Row(("glib", _BY_PC)),
    "krb5-src": Row(("krb5",)),
    "libgssapi-sys": Row(("krb5", _BY_PC)),
    "librsvg-sys": Row(("librsvg", _BY_PC)),
    "libsodium-sys": Row(("libsodium", _BY_PC)),
    "libsqlite3-sys": Row(("sqlite", _BY_PC), unless="cc"),
    "libudev-sys": Row(("udev", _BY_PC)),
    "libz-sys": Row(("zlib", _BY_PC)),
    "mysqlclient-sys": Row(("mariadb-connector-c", _BY_PC), unless="mysqlclient-src"),
    "openssl-sys": Row(("openssl", _BY_PC)),
    "pango-sys": Row(("pango", _BY_PC)),
    "pq-sys": Row(("libpq", _BY_PC), unless="pq-src"),
    "prost-build": Row(("protobuf",)),
    "proj-sys": Row(("proj", _BY_PC)),
    "unixodbc-sys": Row(("unixODBC",)),
    "zmq-sys": Row(("zeromq", _BY_PC)),
}
"""By the names of nixpkgs, which are aliases in the Debian set."""


NOT_THEIR_OWN: Final = {"openssl-src": ("OPENSSL_NO_VENDOR", "1")}
"""Crates that bring a library, and what has that of the set be taken: this one is built by Perl."""


def needed_packages(app: App) -> tuple[str, ...]:
    """Return the packages that the locked crates are compiled with."""
    needs = app.once(_needs)
    found = (
        row.packages
        for crate, row in LIBRARIES.items()
        if crate in needs and (not row.unless or row.unless not in needs[crate])
    )
    return tuple(dict.fromkeys(name for names in found for name in names))


def told_of_libraries(app: App) -> dict[str, str]:
    """Return the variables that have a crate take the library of the set."""
    needs = app.once(_needs)
    return dict(said for crate, said in NOT_THEIR_OWN.items() if crate in needs)


def _needs(app: App) -> Mapping[str, frozenset[str]]:
    try:
        return read_lock(app.source, vendored=True).needs
    except LockError:
        return {}  # it is told by who reads it for its crates
