"""What a host lacks of a closure, and sending it there."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.artifact import STORE
from hop3_nix.errors import InputError, SignatureError, UnavailableError
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix import stores as nixstores
from hop3_nix.nix.log import NixLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from hop3_nix.deploy.remote.address import Address
    from hop3_nix.deploy.remote.connection import Connection
    from hop3_nix.progress import Progress

# By standard input: a closure of some thousand paths is longer than an argument may be.
ASK: Final = "xargs nix-store --check-validity --print-invalid"

# It was renamed in Nix 2.20.
SHOW: Final = " || ".join(
    f"nix --extra-experimental-features nix-command {verb} 2>/dev/null"
    for verb in ("config show", "show-config")
)
_TRUSTED: Final = re.compile(r"^trusted-public-keys = (.*)$", re.MULTILINE)

EVERY: Final = 5.0
"""Seconds between two lines that say how far it is."""


def require_store_path(location: Path) -> None:
    """Raise InputError for an artifact that is of no use on another machine."""
    if location.parent != STORE:
        raise InputError(
            f"{location} was built without Nix, and works on this machine alone",
            tip="Build it with Nix, and take that: hop3-nix build --builder nix",
        )


def send(
    connection: Connection, paths: Sequence[Path], *, say: Callable[[str], None], sign: bool = False
) -> tuple[Path, ...]:
    """Copy the closures of ``paths`` to the host and return what it did not have.

    With ``sign``, the signatures that are known here go there as well, for paths that it had.
    Raises UnavailableError if there is no Nix, else what `nixstores.copy` raises.
    """
    closure = tuple(dict.fromkeys(one for path in paths for one in nixcli.closure(path)))
    lacking = missing(connection, closure)
    had = len(lacking) < len(closure)
    if lacking:
        size = nixcli.size(*lacking) / 1e6
        say(f"copying {len(lacking)} of {len(closure)} store paths, {size:.1f} MB")
        log = NixLog(on_progress=_Saying(say, len(lacking)), interval=EVERY)
        destination = connection.address.store()

        def copy(environment: Mapping[str, str]) -> None:
            nixstores.copy(*paths, destination=destination, environment=environment, log=log)

        try:
            connection.copying(copy)
        except SignatureError as error:
            raise _refused(connection, error) from error
    else:
        say(f"all {len(closure)} store paths are there")
    if (
        sign
        and had
        and not connection.copying(partial(_send_signatures, connection.address, paths))
    ):
        say("this user may not add signatures to paths that are there already")
    return lacking


def _send_signatures(
    address: Address, paths: Sequence[Path], environment: Mapping[str, str]
) -> bool:
    # The older protocol has no way to add a signature to a path.
    store = address.store("ssh-ng")
    return all(nixstores.send_signatures(path, store, environment=environment) for path in paths)


def missing(connection: Connection, closure: Sequence[Path]) -> tuple[Path, ...]:
    """Return those of ``closure`` that the host's store does not know."""
    done = connection.run(ASK, stdin="".join(f"{path}\n" for path in closure))
    if done.status != 0:
        raise UnavailableError(
            f"Nix does not work on {connection.address.name}: "
            f"{done.stderr.strip().rpartition(chr(10))[2]}",
            tip="Install it there (Debian: apt install nix-bin), so that a shell that ssh starts "
            "finds nix-store.",
        )
    invalid = set(done.stdout.split())
    return tuple(path for path in closure if str(path) in invalid)


def _refused(connection: Connection, error: SignatureError) -> SignatureError:
    """Return ``error`` with the keys that the host's Nix trusts."""
    found = _TRUSTED.search(connection.run(SHOW).stdout)
    keys = found[1].strip() if found else ""
    return SignatureError(
        f"{error.message}; it trusts: {keys or 'none'}",
        tip="Deploy with --sign FILE, a secret key whose public key stands in trusted-public-keys "
        "of the host's /etc/nix/nix.conf; or as a user who is in its trusted-users.",
    )


class _Saying:
    """Says from time to time what is being copied."""

    def __init__(self, say: Callable[[str], None], total: int) -> None:
        self._say = say
        self._total = total
        self._seen: set[str] = set()
        self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        self._seen.update(progress.fetching)
        if progress.fetching and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            names = ", ".join(progress.fetching[:3])
            self._say(f"copying {len(self._seen)} of {self._total}: {names}")
