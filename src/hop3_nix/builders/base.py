"""What a builder is, what it is asked for, and the artifact that it leaves behind."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from hop3_nix import __version__
from hop3_nix.contract import ARTIFACT_FILE, CONTRACT_VERSION, BuildArtifact, write_artifact
from hop3_nix.errors import InputError
from hop3_nix.host.limits import BuildLimits
from hop3_nix.nix.gcroots import may_become_link
from hop3_nix.tiers import tier_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pydantic import JsonValue

    from hop3_nix.contract import RuntimeConfig
    from hop3_nix.plan import BuildPlan
    from hop3_nix.progress import Progress
    from hop3_nix.source import Source

PROVENANCE: Final = "lockfile"
"""How the dependencies are known: every file of them by the digest in a lockfile."""

ROOTS: Final = "roots"
"""Directory, in an application's state, of the links that keep store paths."""


class Report(Protocol):
    """Where a build tells what it does. `progress` and `line` may be called on another thread."""

    def note(self, text: str) -> None:
        """Tell of a decision or a step, in one line."""

    def progress(self, progress: Progress) -> None:
        """Tell how far the build is."""

    def line(self, text: str) -> None:
        """Tell one line of the full log."""


class Silence:
    """A report that nobody reads."""

    def note(self, text: str) -> None:
        """Drop it."""

    def progress(self, progress: Progress) -> None:
        """Drop it."""

    def line(self, text: str) -> None:
        """Drop it."""


@dataclass(frozen=True)
class BuildRequest:
    """One build: what, from which files, and what to call it."""

    plan: BuildPlan
    source: Source
    state: Path
    """The application's state directory, whose lock the caller holds."""
    build_id: str
    """Digest of all that the result depends on."""
    out_link: Path | None = None
    check: bool = False
    """Whether to build it a second time and compare."""
    limits: BuildLimits = field(default_factory=BuildLimits)
    report: Report = field(default_factory=Silence)
    languages: Mapping[str, Path] = field(default_factory=dict)
    """Nix files of languages that other packages have added, by name."""

    @property
    def artifact_file(self) -> Path:
        """Return where the artifact is recorded."""
        return self.state / ARTIFACT_FILE


class Builder(Protocol):
    """One way to build."""

    @property
    def name(self) -> Literal["nix", "local"]:
        """Return the builder's name, as it stands in the artifact."""

    def build(self, request: BuildRequest) -> BuildArtifact:
        """Return the artifact, which is recorded in the state directory and has its root.

        Raises BuildError, TemporaryError, UnavailableError or InputError; the artifact of the
        previous build is then what and where it was.
        """


def describe(
    request: BuildRequest,
    builder: Builder,
    *,
    location: Path,
    runtime: RuntimeConfig,
    package_set: Mapping[str, JsonValue],
    references: Sequence[str] = (),
) -> BuildArtifact:
    """Return the artifact for what ``builder`` has made at ``location``, built now.

    ``references`` are its files that name places of the machine that built them.
    """
    metadata: dict[str, Any] = {
        "contract_version": CONTRACT_VERSION,
        "tool_version": __version__,
        "source_digest": request.source.digest,
        "package_set": dict(package_set),
        "provenance": PROVENANCE,
        "tier": tier_of(request.plan),
        "required_env": sorted(set(request.plan.runtime.required)),
        "evidence": [one.model_dump(mode="json") for one in request.plan.evidence],
    }
    if request.plan.warnings:
        metadata["warnings"] = [one.model_dump(mode="json") for one in request.plan.warnings]
    if references:
        metadata["references"] = list(references)
        request.report.note(f"places of the machine that built it stand in: {references[0]}")
    return BuildArtifact(
        kind=request.plan.toolchain,
        builder=builder.name,
        app_name=request.plan.app.name,
        built_at=datetime.now(UTC).replace(microsecond=0),
        build_id=request.build_id,
        location=str(location),
        runtime=runtime,
        metadata=metadata,
    )


def record(state: Path, artifact: BuildArtifact) -> None:
    """Make ``artifact`` the one of the application, and drop the roots of those before it.

    A root in the state directory has the build's id for its name.
    """
    write_artifact(artifact, state / ARTIFACT_FILE)
    roots = state / ROOTS
    for root in roots.iterdir() if roots.exists() else ():
        if root.name != artifact.build_id:
            root.unlink()


def refuse_other_content(link: Path) -> None:
    """Raise InputError if ``link`` is anything but absent or a link to a result.

    Its directory has to be there.
    """
    if not link.absolute().parent.is_dir():
        raise InputError(
            "there is no such directory for the link to the result",
            file=str(link.parent),
            tip=f"Make it first (mkdir -p {shlex.quote(str(link.parent))}), or name another place.",
        )
    if not may_become_link(str(link)):
        raise InputError(
            "there is something else where the link to the result would go",
            file=str(link),
            tip="Move it away, or name another place: --out-link PATH",
        )
