"""Who must have signed what is deployed on this machine, and whether they have.

Nix asks for signatures of what comes from users whom its daemon does not trust. It asks none of
root and of trusted users, so a deployment looks itself, whoever brought the closure.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.artifact import STORE
from hop3_nix.deploy.releases.layout import ANOTHER_ROOT
from hop3_nix.errors import InputError, SignatureError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host.state import writing_to
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix import stores as nixstores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE: Final = "trusted-keys"
"""In the root of all deployments: public keys, one a line; while it is there, it is obeyed."""

KEY_BYTES: Final = 32
"""Of an Ed25519 public key (RFC 8032)."""

SHOWN: Final = 5


def trusted_keys(root: Path) -> tuple[str, ...] | None:
    """Return the keys that every deployment below ``root`` has to be signed with; None for any.

    Raises InputError for a line that is no public key.
    """
    file = root / FILE
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read: {error}", file=str(file), tip="No deployment goes on without it."
        ) from error
    return tuple(
        read_key(line.strip(), file=str(file), line=number)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    )


def trust(root: Path, key: str) -> bool:
    """Have every deployment below ``root`` signed, by ``key`` among others; False if it was so.

    Raises InputError if ``key`` is no public key.
    """
    keys = trusted_keys(root)
    key = read_key(key)
    if keys is not None and key in keys:
        return False
    with writing_to(root, tip=ANOTHER_ROOT):
        write_text_atomic(root / FILE, "".join(f"{one}\n" for one in (*(keys or ()), key)))
    return True


def read_key(text: str, *, file: str = "", line: int | None = None) -> str:
    """Return ``text`` if it is a public key as Nix writes them. Raises InputError."""
    name, _, encoded = text.partition(":")
    try:
        right = bool(name) and len(base64.b64decode(encoded, validate=True)) == KEY_BYTES
    except ValueError:
        right = False
    if not right or any(character.isspace() for character in name):
        raise InputError(
            f"{text!r} is not a public key",
            file=file,
            line=line,
            tip="It looks like NAME:BASE64=, as `hop3-nix keys generate NAME` prints it.",
        )
    return text


def verify_signatures(location: Path, *, root: Path, required: bool) -> int:
    """Return how many paths of the closure of ``location`` were found signed.

    They are looked at if signatures are ``required``, or if ``root`` has a list of trusted keys,
    which are then the only ones that count. Raises SignatureError.
    """
    keys = trusted_keys(root)
    return check_signatures(location, keys) if required or keys is not None else 0


def check_signatures(location: Path, keys: Sequence[str] | None = None) -> int:
    """Return how many paths the closure of ``location`` has, all of them signed.

    ``keys`` are those that count; None stands for those of Nix's own configuration. Paths whose
    name is the digest of what they hold need no signature, as they can be nothing else; but
    ``location`` itself does, as anybody can add such a path. Raises SignatureError.
    """
    if location.parent != STORE:
        raise SignatureError(
            f"{location} was built without Nix, so that nobody can sign it",
            tip="Build it with Nix: hop3-nix build --builder nix",
        )
    trusted = tuple(nixcli.configured("trusted-public-keys")) if keys is None else tuple(keys)
    # An empty list would make Nix take its own.
    unsigned = nixstores.untrusted(location, trusted) if trusted else nixcli.closure(location)
    if unsigned:
        raise SignatureError(
            f"{_listed(unsigned)} not signed by a key that this machine trusts ({_named(trusted)})",
            tip=_tip(trusted),
        )
    if nixstores.is_content_addressed(location):
        raise SignatureError(
            f"{location} was added to the store by its contents, which no signature vouches for",
            tip="Deploy what `hop3-nix build` built.",
        )
    return len(nixcli.closure(location))


def _listed(paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    # What was built last, the artifact, stands at the end of a closure.
    named = ", ".join(str(path) for path in reversed(paths[-SHOWN:]))
    return f"{named}{more} {'is' if len(paths) == 1 else 'are'}"


def _named(keys: Sequence[str]) -> str:
    return ", ".join(keys) or "it trusts none"


def _tip(keys: Sequence[str]) -> str:
    name = keys[0].partition(":")[0] if keys else "NAME"
    return (
        f"Deploy again with --sign FILE, the secret key of {name}; or sign it where it was built:\n"
        f"  hop3-nix push APP --to URL --sign FILE\n"
        "To trust another key here: hop3-nix keys trust NAME:BASE64="
    )
