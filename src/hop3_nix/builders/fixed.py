"""Where Nix keeps a file whose digest is known: the store path of a fixed-output derivation."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix.nix.gcroots import base32

if TYPE_CHECKING:
    from hop3_nix.plan import LockedFile

_NAME: Final = 200
"""Bytes of a name, as nix/lib/fetch-locked.nix cuts it."""

_BYTES_OF_A_HASH: Final = 20


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file by its address and digest; ``name`` is what the store calls it."""

    name: str
    url: str
    algorithm: Literal["sha256", "sha512"]
    digest: str
    """In hexadecimal digits."""

    @classmethod
    def of(cls, file: LockedFile) -> FixedFile:
        """Return ``file`` as nix/lib/fetch-locked.nix fetches it."""
        name = safe_name(_NAME, file.filename)
        if file.sha256:
            return cls(name, file.url, "sha256", file.sha256)
        algorithm, _, digest = file.integrity.partition("-")
        raw = binascii.hexlify(base64.b64decode(digest)).decode()
        return cls(name, file.url, "sha512" if algorithm == "sha512" else "sha256", raw)

    @property
    def store_path(self) -> str:
        """Return where it is once it is in the store (Nix's makeFixedOutputPath, flat)."""
        store = os.environ.get("NIX_STORE_DIR", "/nix/store")
        inner = _sha256(f"fixed:out:{self.algorithm}:{self.digest}:")
        outer = _sha256(f"output:out:sha256:{inner.hex()}:{store}:{self.name}")
        folded = bytearray(_BYTES_OF_A_HASH)
        for position, byte in enumerate(outer):
            folded[position % _BYTES_OF_A_HASH] ^= byte
        return f"{store}/{base32(bytes(folded))}-{self.name}"


def safe_name(limit: int, text: str) -> str:
    """Return what nix/lib/safe-name.nix makes of ``text``."""
    shortened = text.encode()[:limit].decode(errors="ignore")
    joined = "-".join(part for part in re.split(r"[^A-Za-z0-9+._?=-]+", shortened) if part)
    return f"_{joined}" if joined[:1] in {"", "."} else joined


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
