"""What languages are given, and what they give: programs, the content of locks, assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.locksandbox import Enclosed, Outcome
    from hop3_nix.plan import AnyOffer, Evidence


class Runs(Protocol):
    """What starts programs, so that nothing here does."""

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        """Return what ``argv`` prints on standard output, run with ``env`` added to ours.

        Raises ToolError, with what it printed, when it returns another status than 0.
        """


class Tools(Runs, Protocol):
    """The programs of the target, for the few questions that only an ecosystem's client answers."""

    def program(self, offer: AnyOffer, name: str) -> Path:
        """Return program ``name`` of ``offer``, realising the package first if need be.

        Raises UnavailableError.
        """

    def enclosed(self, program: Path, enclosed: Enclosed, packages: Sequence[str] = ()) -> Outcome:
        """Return what ``enclosed`` gave, run in the lock sandbox with what ``program`` needs.

        ``packages`` of the package set are at hand there as well. Raises ToolError for a status
        other than 0, and NoSandboxError.
        """


class LockContent(Protocol):
    """What ``hop3-nix lock`` writes to hop3-nix.lock: each language has a model of its own."""

    def to_json(self) -> str:
        """Return the text of the file; equal content, equal text."""

    def without_addresses(self) -> LockContent:
        """Return the lock with digests alone, for those whose registry differs from ours."""


class Assets(NamedTuple):
    """What a language finds to do in an application of another one.

    ``whole_tree`` says that building it reads files from all over the application, ``kept`` that
    a worker calls a program of the language. If not ``wanted``, ``evidence`` says why nothing is
    to be done although files of the language are there.
    """

    evidence: Evidence
    wanted: bool
    whole_tree: bool = False
    kept: bool = False
