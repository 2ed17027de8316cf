"""The one tree of errors that a user can meet, and the exit code of each branch.

The codes below 100 are those of sysexits.h, so that they stay clear of what a worker returns;
100 is what ``nix-build`` itself returns for a build that failed.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the command line returns; documented in docs/exit-codes.md."""

    OK = 0
    NOT_CURRENT = 1
    USAGE = 2
    BAD_INPUT = 65
    NO_ARTIFACT = 66
    UNAVAILABLE = 69
    INTERNAL = 70
    DAMAGED = 74
    TEMPORARY = 75
    NOT_PERMITTED = 77
    NOT_CONFIGURED = 78
    BUILD_FAILED = 100
    RELEASE_FAILED = 101
    APP_DOWN = 102
    NOT_REPRODUCIBLE = 103
    DOES_NOT_RUN = 104
    INTERRUPTED = 130


class Hop3NixError(Exception):
    """Something a user can meet: what happened, where, and what to do next.

    ``str()`` is ``[file[:line]: ]what happened``; the tip is printed below it by the command line.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(
        self, message: str, *, tip: str = "", file: str = "", line: int | None = None
    ) -> None:
        place = f"{file}:{line}" if line is not None else file
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.tip = tip
        self.file = file
        self.line = line
        self.also: tuple[Hop3NixError, ...] = ()
        """What is wrong as well, and was found in the same pass."""
        self.said = ""
        """What the program that failed has printed, for whoever can tell more by it."""


class InputError(Hop3NixError):
    """The application's own files, or what was asked for, cannot be used as they are."""

    exit_code = ExitCode.BAD_INPUT


class SourceError(InputError):
    """The source tree is missing, holds no application, or cannot be read."""


class ConfigError(InputError):
    """hop3.toml or a Procfile is wrong."""


class LockError(InputError):
    """A lockfile is missing, stale, incomplete, or has nothing for this platform."""


class UnsupportedError(InputError):
    """What the application asks for is not offered: a version, a package, a lockfile format."""


class ArtifactError(Hop3NixError):
    """An artifact could not be used."""

    exit_code = ExitCode.DAMAGED


class ArtifactMissingError(ArtifactError):
    """There is no artifact where one was looked for."""

    exit_code = ExitCode.NO_ARTIFACT


class ArtifactCorruptError(ArtifactError):
    """The artifact's file is there, but is not what the contract says."""


class ArtifactNewerError(ArtifactError):
    """The artifact was written under a newer version of the contract."""

    exit_code = ExitCode.UNAVAILABLE


class ArtifactTamperedError(ArtifactError):
    """A store path is not what was built."""


class UnavailableError(Hop3NixError):
    """Something that has to be on this machine is not: Nix, a package set, an interpreter."""

    exit_code = ExitCode.UNAVAILABLE


class TemporaryError(Hop3NixError):
    """Trying again later may succeed: the network, a full disk, a lock that is held."""

    exit_code = ExitCode.TEMPORARY


class DeadlineError(TemporaryError):
    """A program did not end in the time that it had."""


class SignatureError(Hop3NixError):
    """A store path is not signed by a key that this machine trusts."""

    exit_code = ExitCode.NOT_PERMITTED


class RequirementError(Hop3NixError):
    """A variable that the app requires is not set."""

    exit_code = ExitCode.NOT_CONFIGURED


class ReleaseFailedError(Hop3NixError):
    """A release did not come up, and the one before it serves: it never stopped, or does again."""

    exit_code = ExitCode.RELEASE_FAILED


class AppDownError(Hop3NixError):
    """A release did not come up, and nothing of the app runs."""

    exit_code = ExitCode.APP_DOWN


class ServiceError(Hop3NixError):
    """A service manager refused what it was asked for."""

    exit_code = ExitCode.UNAVAILABLE


class ServiceTimeoutError(ServiceError):
    """A command did not end in the time it was given."""


class ProxyError(Hop3NixError):
    """A reverse proxy refused its configuration."""

    exit_code = ExitCode.UNAVAILABLE


class BuildError(Hop3NixError):
    """The build ran and failed."""

    exit_code = ExitCode.BUILD_FAILED


class InterruptedBuildError(Hop3NixError):
    """The user stopped the work."""

    exit_code = ExitCode.INTERRUPTED


class ToolError(Hop3NixError):
    """A program that was asked something returned an error; ``output`` is what it printed.

    Its last lines are the tip if there is no other.
    """

    def __init__(self, message: str, *, output: str = "", status: int = 1, tip: str = "") -> None:
        super().__init__(message, tip=tip or "\n".join(output.splitlines()[-12:]))
        self.output = output
        self.status = status
