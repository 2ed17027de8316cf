"""What a toolchain is: one module per language that turns a source tree into a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.config import AppConfig
    from hop3_nix.plan import BuildPlan, Evidence, Offer, Target
    from hop3_nix.source import Source


class Runs(Protocol):
    """What starts programs, so that nothing here does."""

    def run(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
        """Return what ``argv`` prints on standard output, run with ``env`` added to ours.

        Raises ToolError, with what it printed, when it returns another status than 0.
        """


class Tools(Runs, Protocol):
    """The programs of the target, for the few questions that only an ecosystem's client answers."""

    def program(self, offer: Offer, name: str) -> Path:
        """Return program ``name`` of ``offer``, realising the package first if need be.

        Raises UnavailableError.
        """


class LockContent(Protocol):
    """What ``hop3-nix lock`` writes to hop3-nix.lock: each language has a model of its own."""

    def to_json(self) -> str:
        """Return the text of the file; equal content, equal text."""

    def without_addresses(self) -> LockContent:
        """Return the lock with digests alone, for those whose registry differs from ours."""


class Toolchain(Protocol):
    """One language. A package beside this module has an instance; entry points can add others."""

    @property
    def name(self) -> str:
        """Return the name: that of the template, of the Nix builder and of ``kind``."""

    @property
    def looks_for(self) -> tuple[str, ...]:
        """Return the files that ``detect`` recognises, for the error when none is there."""

    def detect(self, source: Source) -> Evidence | None:
        """Return why ``source`` is of this language, or None if it is not."""

    def host_offers(self, tools: Tools) -> tuple[Offer, ...]:
        """Return the interpreters that this machine has, for the local builder."""

    def plan(self, source: Source, config: AppConfig, target: Target) -> BuildPlan:
        """Return the plan; the same arguments give the same plan.

        Raises LockError, UnsupportedError or ConfigError.
        """

    def locate(self, plan: BuildPlan, target: Target, tools: Tools) -> BuildPlan:
        """Return ``plan`` with an address for every file that its lockfile gives none for.

        Raises LockError if the client offers none of the locked digests, or TemporaryError.
        """

    def lock(
        self, source: Source, config: AppConfig, target: Target, tools: Tools
    ) -> LockContent | None:
        """Return what ``hop3-nix lock`` writes, or None if there is nothing that it would add.

        Raises LockError if the native file cannot be resolved, or TemporaryError.
        """


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


@runtime_checkable
class AssetToolchain(Toolchain, Protocol):
    """A language that makes parts of applications of other languages, such as what browsers get.

    Its package has ASSET_FILES: only where one of them is there, ``find_assets`` is asked.
    """

    def find_assets(self, source: Source, config: AppConfig) -> Assets | None:
        """Return what there is for a stage of the application, whose files are ``source``.

        ``source`` may be a directory of the application; ``config`` is always that of the whole.
        """
