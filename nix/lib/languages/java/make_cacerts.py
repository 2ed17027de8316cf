# ruff: noqa: INP001 - a program that Nix runs by its path
"""Make a key store of Java (JKS) of a bundle of certificates; equal bundles, equal bytes.

usage: make_cacerts.py BUNDLE OUT. Its password is what Java takes it to be: changeit.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import sys
from pathlib import Path
from typing import Final

_MAGIC: Final = 0xFEEDFEED
_VERSION: Final = 2
_TRUSTED: Final = 2
_PASSWORD: Final = "changeit"  # noqa: S105 - everybody's
_SALT: Final = b"Mighty Aphrodite"
_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----", re.DOTALL
)


def main() -> None:
    """Do it."""
    bundle, out = map(Path, sys.argv[1:])
    found = _CERTIFICATE.findall(bundle.read_text(encoding="utf-8"))
    out.write_bytes(key_store({base64.b64decode(text) for text in found}))


def key_store(certificates: set[bytes]) -> bytes:
    """Return the store; each entry is called by the digest of its certificate, and has no date."""
    body = struct.pack(">III", _MAGIC, _VERSION, len(certificates))
    for certificate in sorted(certificates):
        alias = hashlib.sha256(certificate).hexdigest()
        body += struct.pack(">I", _TRUSTED) + _text(alias) + struct.pack(">q", 0)
        body += _text("X.509") + struct.pack(">I", len(certificate)) + certificate
    key = _PASSWORD.encode("utf-16-be") + _SALT
    return body + hashlib.sha1(key + body, usedforsecurity=False).digest()


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


if __name__ == "__main__":
    main()
