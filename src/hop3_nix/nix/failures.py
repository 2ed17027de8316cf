"""What went wrong in Nix, as one of our errors: read from its messages and its exit status.

Nix has no machine-readable kinds of errors; the texts are those of Nix 2.8 and 2.26. What a builder
has printed is shown, and decides nothing, unless the builder is Nix itself that fetches a file.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import (
    BuildError,
    Hop3NixError,
    InterruptedBuildError,
    LockError,
    TemporaryError,
    UnavailableError,
    UnsupportedError,
)
from hop3_nix.nix.log import plain, store_name
from hop3_nix.nix.missing import telling_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.nix.log import FailedBuild

SHOWN: Final = 12
"""Lines of a failed builder's log that stand in the message; the rest is in the full log."""

CAUSES: Final = 4
"""Lines above these that are shown too, since they say what a compiler or installer misses."""

# nix-build returns 0x60 with these bits for builds (Worker::failingExitStatus).
_FAILED: Final = 0x60
_TIMED_OUT: Final = 0x01
_NOT_DETERMINISTIC: Final = 0x08

FAILED_BUILD: Final = re.compile(
    r"builder for '(?P<derivation>[^']+)' (?P<how>failed [^;\n]*)|"
    r"output '(?P<output>[^']+)' is not allowed to refer to"
)
MISMATCH: Final = re.compile(
    r"hash mismatch in fixed-output derivation '(?P<derivation>[^']+)':\s+"
    r"(?:likely URL: \S+\s+)?specified:\s+(?P<locked>\S+)\s+got:\s+(?P<got>\S+)"
)
_FULL: Final = re.compile(
    r"^[^\n]*(No space left on device|Disk quota exceeded|database or disk is full)\b[^'\n]*"
    r"(?:\(in '[^']*'\))?$"
)
_LOG_SIZE: Final = re.compile(r"killed after writing more than (\d+) bytes of log output$")
_DOWNLOAD: Final = re.compile(
    r"^(?:error: )?unable to download '(?P<url>[^']+)': (?P<reason>[^\n;]+)", re.MULTILINE
)
_NO_DAEMON: Final = re.compile(r"^cannot connect to (?:socket|daemon)")
_NO_STORE: Final = re.compile(
    r"[^'\n]*'/nix[/'][^\n]*: (?:Permission denied|Operation not permitted|Read-only file system)"
)
_SANDBOX: Final = re.compile(
    r"sandboxing|unprivileged user namespaces|unable to start build process"
)
_USERS: Final = re.compile(r"build users group|^the group ''|build user")
_ATTRIBUTE: Final = re.compile(r"attribute '([^']+)' missing")
_DEPENDENCIES: Final = re.compile(r"\d+ dependenc(?:y|ies) of derivation '[^']+' failed to build")
_SYSTEM: Final = re.compile(r"a '[^']+' with features .* is required to build")

_DEBIAN_FILE: Final = ".deb"
_REFRESH: Final = (
    "The Debian mirror has another version by now. Pin the set to that one: "
    "hop3-nix packages refresh"
)

_GONE: Final = frozenset({"404", "410"})
_REFUSED: Final = frozenset({"401", "403", "407"})


@dataclass(frozen=True, slots=True)
class Failure:
    """What a Nix program that failed left behind."""

    status: int
    errors: tuple[str, ...]
    builds: tuple[FailedBuild, ...] = ()
    log: str = ""
    """Path of the full log, for the tip."""
    fetches: frozenset[str] = frozenset()
    """Those of the builds' derivations by which Nix itself fetches something."""
    full: str = ""
    """The directory that was seen to have no room left while it was building."""

    @property
    def culprit(self) -> FailedBuild | None:
        """Return the first build that Nix's messages name as failed, else the last one."""
        for error in self.errors:
            if (named := FAILED_BUILD.match(error)) is not None:
                for build in self.builds:
                    if build.derivation == named["derivation"]:
                        return build
        return self.builds[-1] if self.builds else None

    @property
    def own(self) -> tuple[str, ...]:
        """Return what Nix itself has said: its messages, and the log of a fetch that failed."""
        culprit = self.culprit
        if culprit is None or culprit.derivation not in self.fetches:
            return self.errors
        return (*self.errors, *culprit.tail)


def errors_of(stderr: str) -> tuple[str, ...]:
    """Return the error messages of a Nix program that was not asked for the structured log."""
    text = plain(stderr)
    parts = re.split(r"^error: ", text, flags=re.MULTILINE)[1:]
    return tuple(part.strip() for part in parts) or tuple(text.strip().splitlines()[-1:])


def classify(failure: Failure) -> Hop3NixError:
    """Return the error to raise for ``failure``; the first rule that knows it decides."""
    for rule in _RULES:
        if (error := rule(failure)) is not None:
            error.said = "\n".join(
                (*failure.errors, *(failure.culprit.tail if failure.culprit else ()))
            )
            if failure.log:
                error.tip = f"{error.tip}\nThe full log: {failure.log}".strip()
            return error
    message = failure.errors[0] if failure.errors else f"Nix returned {failure.status}"
    return BuildError(
        f"Nix could not make sense of the expression: {message}",
        tip="Report it with this message, unless somebody has edited the expression."
        + (f"\nThe full log: {failure.log}" if failure.log else ""),
    )


def _interrupted(failure: Failure) -> Hop3NixError | None:
    if not any(error.startswith("interrupted by the user") for error in failure.errors):
        return None
    return InterruptedBuildError("stopped before the build was done")


def _disk_full(failure: Failure) -> Hop3NixError | None:
    said = next((found[1] for text in failure.own if (found := _FULL.match(text))), "")
    if not said and not failure.full:
        return None
    reason = said or f"{failure.full} has no room left"
    return TemporaryError(
        f"the disk is full ({reason})",
        tip="Free some space and build again; nix-collect-garbage drops what nothing refers to.",
    )


def _hash_mismatch(failure: Failure) -> Hop3NixError | None:
    for error in failure.errors:
        found = MISMATCH.match(error)
        if found is None:
            continue
        name = store_name(found["derivation"])
        message = (
            f"{name} is not the file that was locked\n"
            f"  locked: {_readable(found['locked'])}\n"
            f"  got:    {_readable(found['got'])}"
        )
        if name.endswith(_DEBIAN_FILE):
            return UnavailableError(message, tip=_REFRESH)
        return LockError(
            message,
            tip="The file changed where it is fetched from, or the lockfile was edited. "
            "Find out which; then lock the dependencies again.",
        )
    return None


def _download(failure: Failure) -> Hop3NixError | None:
    found = [found for text in failure.own if (found := _DOWNLOAD.match(text)) is not None]
    if not found:
        return None
    url, reason = found[-1]["url"], found[-1]["reason"]
    status = re.search(r"HTTP error (\d+)", reason)
    message = f"could not download {url}: {reason}"
    if status is not None and status[1] in _GONE:
        gone = "The file is no longer there. Lock the dependencies again."
        tip = _REFRESH if url.endswith(_DEBIAN_FILE) else gone
        return UnavailableError(message, tip=tip)
    if status is not None and status[1] in _REFUSED:
        return UnavailableError(
            message, tip="The server asks for credentials: see netrc-file in nix.conf(5)."
        )
    return TemporaryError(message, tip="See that this machine reaches that address; try again.")


def _no_access(failure: Failure) -> Hop3NixError | None:
    for error in failure.errors:
        if _NO_DAEMON.search(_without_names(error)):
            return UnavailableError(
                f"the Nix daemon does not answer: {_first_line(error)}",
                tip="Start it (systemctl start nix-daemon), or build with --builder local.",
            )
        if _NO_STORE.match(error):
            return UnavailableError(
                f"this user may not write the Nix store: {_first_line(error)}",
                tip="Run a Nix daemon for users who are not root (Debian: apt install "
                "nix-setup-systemd), or build with --builder local.",
            )
    return None


def _no_sandbox(failure: Failure) -> Hop3NixError | None:
    for error in failure.errors:
        if _SANDBOX.search(_without_names(error)):
            return UnavailableError(
                f"Nix cannot build in a sandbox here: {_first_line(error)}",
                tip="The kernel has to allow user and mount namespaces to this user. "
                "Where it cannot, build with --builder local.",
            )
        if _USERS.search(_without_names(error)):
            return UnavailableError(
                f"Nix has no users to build as: {_first_line(error)}",
                tip="As root, in the directory of hop3-nix: make setup; or: "
                "hop3-nix packages prepare",
            )
    return None


def _other_system(failure: Failure) -> Hop3NixError | None:
    for error in failure.errors:
        if _SYSTEM.match(error):
            return UnsupportedError(
                f"this machine cannot build it: {_first_line(error)}",
                tip="Build on a machine of that kind, or set up one as a remote builder.",
            )
    return None


def _no_attribute(failure: Failure) -> Hop3NixError | None:
    found = next((one for error in failure.errors if (one := _ATTRIBUTE.match(error))), None)
    if found is None:
        return None
    return UnsupportedError(
        f"the package set has no package {found[1]!r}",
        tip="Correct `packages` in hop3.toml, or build with another package set (--pkgs).",
    )


def _by_status(failure: Failure) -> Hop3NixError | None:
    if failure.status & 0xF0 != _FAILED:
        return None
    reason = _first_line(failure.errors[0]) if failure.errors else "Nix gave no reason"
    if failure.status & _TIMED_OUT:
        return BuildError(
            f"the build took too long: {reason}",
            tip="Give it longer: --timeout SECONDS, --max-silent-time SECONDS.",
        )
    if failure.status & _NOT_DETERMINISTIC:
        return BuildError(
            f"not reproducible: {reason}",
            tip="Two builds of the same source differ. Look for times, random numbers and "
            "absolute paths in what the build steps write.",
        )
    return None


def _log_too_long(failure: Failure) -> Hop3NixError | None:
    for error in failure.errors:
        if _LOG_SIZE.search(error):
            return BuildError(
                f"a build step printed too much: {_first_line(error)}",
                tip="Have it print less, or allow more: --max-log-size BYTES.",
            )
    return None


def _builder_failed(failure: Failure) -> Hop3NixError | None:
    for error in failure.errors:
        named = FAILED_BUILD.match(error)
        if named is None:
            continue
        if named["output"]:
            return BuildError(f"{store_name(named['output'])} holds what it must not: {error}")
        return BuildError(
            f"building {store_name(named['derivation'])} {named['how']}{_last_lines(failure)}"
        )
    # A daemon keeps the message of the build itself from us.
    if failure.culprit and any(_DEPENDENCIES.match(error) for error in failure.errors):
        name = store_name(failure.culprit.derivation)
        return BuildError(f"building {name} failed{_last_lines(failure)}")
    return None


def _last_lines(failure: Failure) -> str:
    lines = [line for line in failure.culprit.tail if line.strip()] if failure.culprit else []
    causes = [*telling_lines(tuple(lines[:-SHOWN]), CAUSES)]
    shown = [*causes, *(["..."] if causes else []), *lines[-SHOWN:]]
    return "".join(f"\n  {line}" for line in shown)


def _readable(digest: str) -> str:
    """Return an SRI digest (W3C Subresource Integrity) as lockfiles write it, in hex."""
    kind, _, text = digest.partition("-")
    try:
        return f"{kind}:{base64.b64decode(text, validate=True).hex()}"
    except ValueError:
        return digest


def _without_names(message: str) -> str:
    """Return the first line of ``message`` without what it quotes: files and addresses."""
    return re.sub(r"'.*'", "''", _first_line(message))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


_RULES: Final[tuple[Callable[[Failure], Hop3NixError | None], ...]] = (
    _interrupted,
    _disk_full,
    _hash_mismatch,
    _download,
    _no_access,
    _no_sandbox,
    _other_system,
    _no_attribute,
    _by_status,
    _log_too_long,
    _builder_failed,
)
