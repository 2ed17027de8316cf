"""Certificates of sites: copies that nginx alone can read, named by what is in them."""

from __future__ import annotations

import hashlib
import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import InputError
from hop3_nix.files.atomic import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Collection

    from hop3_nix.deploy.proxy.base import Certificate

DIRECTORY: Final = "certificates"
"""Below nginx's own directory."""


def read(certificate: Certificate) -> tuple[str, str]:
    """Return the certificate with its chain and the key. Raises InputError if they will not do."""
    try:
        texts = [Path(file).read_text(encoding="ascii") for file in certificate.files]
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*certificate.files, password="")
    except ssl.SSLError as error:
        raise InputError(
            f"{certificate.chain} is no certificate for the key {certificate.key}: {error.reason}",
            tip="Give PEM files: the certificate with its chain, and its key without a password.",
        ) from error
    except OSError as error:
        raise InputError(
            f"the certificate cannot be read: {error.filename}: {error.strerror}",
            tip="--tls-cert FILE --tls-key FILE; files of the host that serves the app.",
        ) from error
    except ValueError as error:
        raise InputError(
            f"{certificate.chain} or {certificate.key} is no PEM file",
            tip="Give PEM files: the certificate with its chain, and its key.",
        ) from error
    return texts[0], texts[1]


def name_of(app: str, texts: tuple[str, str]) -> str:
    """Return the name of the copies, which is another one for other texts."""
    return f"{app}-{hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:16]}"


def keep(state: Path, name: str, texts: tuple[str, str]) -> None:
    """Write copies for the user that ``state`` belongs to. Raises OSError."""
    place = state / DIRECTORY
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = state.stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    for file, text in zip(files_of(state, name), texts, strict=True):
        if not file.exists():
            write_text_atomic(file, text, mode=0o600)
            os.chown(file, owner.st_uid, owner.st_gid)


def files_of(state: Path, name: str) -> tuple[Path, Path]:
    """Return the copies of the certificate and of its key."""
    place = state / DIRECTORY
    return place / f"{name}.crt", place / f"{name}.key"


def forget(state: Path, wanted: Collection[str]) -> None:
    """Take away the copies whose names are not ``wanted``."""
    for file in (state / DIRECTORY).glob("*-*.*"):
        if file.stem not in wanted:
            file.unlink(missing_ok=True)
