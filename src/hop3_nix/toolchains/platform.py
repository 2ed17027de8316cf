"""What every artifact has, whatever its language: a shell, a locale, certificates, time zones."""

from __future__ import annotations

from typing import Final

from hop3_nix.plan import PackageRef, Value

PLATFORM_PACKAGES: Final = ("bash", "coreutils")
"""Attributes on the PATH of every artifact: the workers' shell lines use them."""

HOST: Final = '"${BIND_ADDRESS:-0.0.0.0}"'
"""The address to listen on: Hop3 gives BIND_ADDRESS to apps that stand behind its proxy."""

PORT: Final = '"$PORT"'

ZONEINFO: Final = PackageRef(package="tzdata", path="share/zoneinfo", host="/usr/share/zoneinfo")


def platform_env() -> dict[str, Value]:
    """Return the environment that stands in every plan, each path inside the closure."""
    return {
        "LANG": "C.UTF-8",
        "SSL_CERT_FILE": PackageRef(
            package="cacert",
            path="etc/ssl/certs/ca-bundle.crt",
            host="/etc/ssl/certs/ca-certificates.crt",
        ),
        "TZDIR": ZONEINFO,
    }
