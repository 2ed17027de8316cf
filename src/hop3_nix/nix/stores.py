"""Nix stores other than this machine's: copying between them, and signatures.

Nix has no stable command for these; what is used of ``nix copy`` and ``nix store`` is the same in
Nix 2.8 and 2.26. A store is named by its URL (the Nix manual, "Store Types").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from hop3_nix.errors import (
    ArtifactMissingError,
    ArtifactTamperedError,
    Hop3NixError,
    InputError,
    SignatureError,
    TemporaryError,
    UnavailableError,
)
from hop3_nix.host import process
from hop3_nix.nix.commands import ASKING, DEFAULT
from hop3_nix.nix.failures import Failure, classify, errors_of
from hop3_nix.nix.log import PREFIX, NixLog, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.host.process import Runner, Streamer

NIX: Final = ("nix", "--extra-experimental-features", "nix-command")

CACHES: Final = ("file", "http", "https", "s3")
"""Schemes of binary caches, which hold compressed archives and no database."""

COMPRESSION: Final = "zstd"
"""Nix's own default, xz, takes 40 times as long for 5 % less."""

_COPYING: Final = re.compile(r'@nix \{"action":"start","fields":\["([^"]+)".*"type":100\}')
"""Type 100 is that of a path that is being copied (``logging.hh``)."""

_UNTRUSTED: Final = re.compile(r"^path '([^']+)' is untrusted", re.MULTILINE)
_CONTENT_ADDRESSED: Final = re.compile(r"(?:^|\s)ca:")
_UNSIGNED: Final = re.compile(
    r"cannot add path '(?P<path>[^']+)' because it lacks a (?:valid signature|signature by)"
)
_SCHEME: Final = re.compile(r"don't know how to open Nix store")
_ABSENT: Final = re.compile(
    r"path '(?P<path>[^']+)' (?:is not valid|does not exist in the store|is required, but there is)"
)
_CORRUPT: Final = re.compile(
    r"hash mismatch importing path|Failed to open archive|input compression not recognized|"
    r"coroutine has finished|"  # of an empty archive
    r"NAR info file '[^']*' is corrupt|does not exist in binary cache|bad archive"
)
_CONNECTION: Final = re.compile(
    r"cannot connect to '|failed to start SSH|SSH connection|unexpected end-of-file|"
    r"Broken pipe|Connection (?:refused|closed|reset|timed out)|lost connection"
)


def cache_url(url: str) -> str:
    """Return ``url`` with what hop3-nix sets for a binary cache unless the URL says otherwise.

    A path is taken for the directory of a ``file://`` cache. Raises InputError for one that cannot
    stand in a URL.
    """
    if "://" not in url:
        path = str(Path(url).absolute())
        # Nix 2.8 neither takes other characters in a URL nor decodes what stands for them.
        if quote(path, safe="/+@,=") != path:
            raise InputError(
                f"Nix cannot keep a store in {path!r}",
                tip="Name a directory by letters, digits and . _ - + alone.",
            )
        url = f"file://{path}"
    parts = urlsplit(url)
    if parts.scheme not in CACHES:
        return url
    options = {"compression": COMPRESSION, **dict(parse_qsl(parts.query))}
    return parts._replace(query=urlencode(options)).geturl()


def copy(
    *paths: Path,
    source: str = "",
    destination: str = "",
    keys: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    log: NixLog | None = None,
    stream: Streamer = process.stream,
) -> tuple[str, ...]:
    """Copy the closures of ``paths`` between stores; an empty URL is this machine's.

    Returns the store paths that were sent: not those that were there already. ``keys`` are trusted
    beside those of nix.conf. Raises SignatureError, ArtifactTamperedError, ArtifactMissingError,
    TemporaryError or UnavailableError.
    """
    log = NixLog() if log is None else log
    argv = [
        *NIX,
        "copy",
        *(("--from", source) if source else ()),
        *(("--to", destination) if destination else ()),
        *("--option", "substitute", "false"),  # what is asked for is here, or nowhere
        *(("--option", "extra-trusted-public-keys", " ".join(keys)) if keys else ()),
        "--log-format",
        "internal-json",
        *map(str, paths),
    ]
    said: list[str] = []
    sent: list[str] = []

    def read(line: str) -> None:
        if (found := _COPYING.match(line)) is not None:
            sent.append(found[1])
        # What ssh says is no line of Nix's.
        if not line.startswith(PREFIX):
            said.append(plain(line))
        log.feed(line)

    try:
        done = stream(
            argv, on_stderr_line=read, env={**DEFAULT.environment(), **(environment or {})}
        )
    finally:
        log.close()
    if done.status != 0:
        raise _failed(done.status, (*log.errors, *said), source or destination)
    return tuple(sent)


def sign(path: Path, key: Path, *, store: str = "", run: Runner = ASKING) -> None:
    """Sign the closure of ``path`` with the secret key in file ``key``, in ``store``."""
    where = ("--store", store) if store else ()
    argv = [*NIX, "store", "sign", *where, "--recursive", "--key-file", str(key), str(path)]
    _ask(argv, store, run)


def send_signatures(
    path: Path,
    store: str,
    *,
    environment: Mapping[str, str] | None = None,
    run: Runner = ASKING,
) -> bool:
    """Add the signatures that the closure of ``path`` has here to those that ``store`` has.

    Returns False if we may not: the store is another user's, who does not trust us.
    """
    argv = [*NIX, "store", "copy-sigs", "--store", store, "--substituter", "auto"]
    done = run(
        [*argv, "--recursive", str(path)], env={**DEFAULT.environment(), **(environment or {})}
    )
    if done.status != 0 and "not privileged to add signatures" in done.stderr:
        return False
    if done.status != 0:
        raise _failed(done.status, errors_of(done.stderr), store)
    return True


def untrusted(path: Path, keys: Sequence[str] = (), *, run: Runner = ASKING) -> tuple[Path, ...]:
    """Return what of the closure of ``path`` no key has signed that is one of ``keys``.

    Without ``keys`` those of nix.conf count. Having been built here is no signature. A path that
    its own contents name needs none.
    """
    trust = ("--option", "trusted-public-keys", " ".join(keys)) if keys else ()
    argv = [*NIX, "store", "verify", "--no-contents", "--recursive", "--sigs-needed", "1", *trust]
    done = run([*argv, str(path)], env=DEFAULT.environment())
    found = tuple(Path(name) for name in _UNTRUSTED.findall(plain(done.stderr)))
    if done.status != 0 and not found:
        raise classify(Failure(done.status, errors_of(done.stderr)))
    return found


def is_content_addressed(path: Path, *, run: Runner = ASKING) -> bool:
    """Return whether anybody can have made ``path``, as its name tells its contents alone."""
    text = _ask([*NIX, "path-info", "--sigs", str(path)], "", run)
    return _CONTENT_ADDRESSED.search(text) is not None


def generate_key(name: str, secret: Path, public: Path, *, run: Runner = ASKING) -> None:
    """Write a new pair of keys called ``name``; the secret one can be read by its owner alone."""
    argv = ["nix-store", "--generate-binary-cache-key", name, str(secret), str(public)]
    _ask(argv, "", run)


def _ask(argv: Sequence[str], store: str, run: Runner) -> str:
    done = run(argv, env=DEFAULT.environment())
    if done.status != 0:
        raise _failed(done.status, errors_of(done.stderr), store)
    return done.stdout


def _failed(status: int, said: Sequence[str], store: str) -> Hop3NixError:
    """Return the error that ``said``, what Nix and ssh printed, is about."""
    text = "\n".join(said)
    place = store.partition("?")[0] or "this machine"
    if (found := _UNSIGNED.search(text)) is not None:
        return SignatureError(f"{found['path']} is not signed by a key that is trusted ({place})")
    if _SCHEME.search(text) is not None:
        return _no_such_store(store)
    if (found := _ABSENT.search(text)) is not None:
        return ArtifactMissingError(
            f"{place} does not have {found['path']}",
            tip="Compare the path with what `hop3-nix push` printed.",
        )
    if _CORRUPT.search(text) is not None:
        return ArtifactTamperedError(
            f"what {place} holds is not what was put there: {said[0]}",
            tip="Nothing of it was taken. Delete the file there and push again.",
        )
    if _CONNECTION.search(text) is not None:
        return TemporaryError(
            f"the connection to {place} was lost: {said[-1]}",
            tip="Nothing that came half is used. Try again: what has arrived is not sent twice.",
        )
    return classify(Failure(status, tuple(said)))


def _no_such_store(store: str) -> UnavailableError:
    if store.startswith("s3://"):
        return UnavailableError(
            "the Nix of this machine was built without S3",
            tip="Push to a directory and have any S3 client copy it: hop3-nix push APP --to "
            "file:///DIR, then `aws s3 sync /DIR s3://BUCKET`; pull over the bucket's https "
            "address. Or install Nix from nixos.org, which has S3.",
        )
    return UnavailableError(
        f"Nix does not know stores of this kind: {store}",
        tip="Give a file://, http://, https://, s3://, ssh:// or ssh-ng:// URL.",
    )
