"""The builder of an application that brings its own expression, a hop3.nix (ADR 008 of Hop3).

It is the application's code: it is evaluated with nothing of the caller's in reach, and what it
builds, it builds in the sandbox.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from hop3_nix import __version__
from hop3_nix.builders.base import ROOTS, Report, Silence, record, refuse_other_content
from hop3_nix.builders.buildlog import open_log
from hop3_nix.builders.leaks import check_result
from hop3_nix.builders.nix import EXPRESSION, LIBRARY, SOURCE, new_root, verify_result
from hop3_nix.builders.staging import stage_in
from hop3_nix.contract import CONTRACT_VERSION, RUNTIME_FILE, BuildArtifact, read_runtime
from hop3_nix.errors import (
    BuildError,
    ConfigError,
    DeadlineError,
    Hop3NixError,
    TemporaryError,
    UnavailableError,
)
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.files.resources import fingerprint, write_library
from hop3_nix.host import process
from hop3_nix.host.limits import BuildLimits
from hop3_nix.host.state import state_dir, writing_to
from hop3_nix.nix import buildusers
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import Expression, NixSettings
from hop3_nix.nix.log import NixLog
from hop3_nix.rendering.expression import render_own
from hop3_nix.rendering.nixlang import NixText

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hop3_nix.packagesets.base import PackageSet
    from hop3_nix.source import Source

KIND: Final = "nix"
ATTRIBUTE: Final = "package"

RESTRICTED: Final = {
    "restrict-eval": "true",
    "allowed-uris": "",
    "allow-import-from-derivation": "false",
    "allow-unsafe-native-code-during-evaluation": "false",
}
"""No file but those of NIX_PATH, no environment, no fetching but by a digest, in the sandbox."""

EVALUATION: Final = 300.0
"""Seconds that it may take to evaluate; all of nixpkgs for one package takes a few."""

_FRONT: Final = "Nix could not make sense of the expression: "
_HINT: Final = "(use '--show-trace' to show detailed location information)"

_TIP: Final = (
    "It is evaluated without the environment, files of the machine and fetching: what it needs "
    "from elsewhere comes from `pkgs`, or by its digest (pkgs.fetchurl)."
)

_BUILD_TIP: Final = (
    "Everything of it is built in the sandbox, for this machine: leave out __noChroot, "
    "requiredSystemFeatures and whatever else asks for more."
)


@dataclass(frozen=True)
class OwnBuild:
    """One build of an application's own expression."""

    source: Source
    name: str
    package_set: PackageSet
    state: Path
    """The application's state directory, whose lock the caller holds."""
    out_link: Path | None = None
    report: Report = field(default_factory=Silence)
    limits: BuildLimits = field(default_factory=BuildLimits)

    @property
    def build_id(self) -> str:
        """Return a digest of all that the result depends on."""
        parts = [self.source.digest, self.package_set.describe(), fingerprint(), __version__]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def build(self) -> BuildArtifact:
        """Return the artifact, which is recorded and has its root.

        Raises ConfigError if the expression cannot be evaluated or its result says nothing of how
        it runs, and what `nixcli.build` raises.
        """
        if self.out_link is not None:
            refuse_other_content(self.out_link)
        root = self.state / ROOTS / self.build_id
        with new_root(root):
            with self._staged() as stage:
                location = self._realise(stage, root)
            verify_result(location)
            check_result(location, self.source)
            artifact = self._describe(location)
            if self.out_link is not None:
                nixcli.add_root(self.out_link, location)
            with writing_to(self.state):
                record(self.state, artifact)
        return artifact

    def _realise(self, work: Path, root: Path) -> Path:
        buildusers.ensure(self.report.note)
        settings = self._settings(work)
        try:
            nixcli.evaluate_json(
                Expression(work / EXPRESSION, f"{ATTRIBUTE}.drvPath"),
                settings=settings,
                run=process.within(EVALUATION),
            )
        except DeadlineError as error:
            raise ConfigError(
                f"cannot be evaluated: it takes more than {EVALUATION:g} s", file=EXPRESSION
            ) from error
        except (TemporaryError, UnavailableError):
            raise
        except Hop3NixError as error:
            said = error.message.removeprefix(_FRONT).replace(f"{work}/{SOURCE}/", "")
            said = said.replace(_HINT, "").strip()
            raise ConfigError(f"cannot be evaluated: {said}", file=EXPRESSION, tip=_TIP) from error
        with writing_to(self.state), open_log(self.state, self.report) as log:
            try:
                return nixcli.build(
                    Expression(work / EXPRESSION, ATTRIBUTE),
                    out_link=root,
                    settings=settings,
                    log=NixLog(on_line=log.line, on_progress=self.report.progress),
                    log_file=str(log.path),
                )
            except BuildError as error:
                # What is no failure of a builder is what Nix has against the expression itself.
                if not error.message.startswith(_FRONT):
                    raise
                said = error.message.removeprefix(_FRONT).strip()
                raise ConfigError(
                    f"cannot be built: {said}", file=EXPRESSION, tip=_BUILD_TIP
                ) from error

    def _settings(self, work: Path) -> NixSettings:
        library = state_dir() / "library" / fingerprint()
        pinned = self.package_set.pinned_by() or ()
        return NixSettings(
            {**self.package_set.nix_settings(), **self.limits.nix_options(), **RESTRICTED},
            front=self.limits.front(),
            search=(work, library, *dict.fromkeys(path.parent for path in pinned)),
        )

    def _describe(self, location: Path) -> BuildArtifact:
        file = location / RUNTIME_FILE
        if not file.is_file():
            raise ConfigError(
                f"what it builds has no {RUNTIME_FILE}, which says how the application runs",
                file=EXPRESSION,
                tip="Have it write one with workers, env and path; docs/contract.md says how.",
            )
        return BuildArtifact(
            kind=KIND,
            builder="nix",
            app_name=self.name,
            built_at=datetime.now(UTC).replace(microsecond=0),
            build_id=self.build_id,
            location=str(location),
            runtime=read_runtime(file),
            metadata={
                "contract_version": CONTRACT_VERSION,
                "tool_version": __version__,
                "source_digest": self.source.digest,
                "package_set": dict(self.package_set.describe()),
                "provenance": EXPRESSION,
                "required_env": [],
            },
        )

    @contextmanager
    def _staged(self) -> Iterator[Path]:
        """Give a directory with a snapshot of the source and what calls its expression."""
        with stage_in(self.state) as stage:
            with writing_to(self.state):
                self.source.copy_to(stage / SOURCE)
                library = state_dir() / "library" / fingerprint()
                write_library(library)
                (stage / LIBRARY).symlink_to(library)
                debian = self.package_set.name == "debian"
                pkgs = NixText(self.package_set.expression())
                text = render_own(pkgs=pkgs, state=str(state_dir()) if debian else "")
                write_text_atomic(stage / EXPRESSION, text)
            yield stage
