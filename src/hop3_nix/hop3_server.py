"""The builder that a Hop3 server (hop3-server 0.7) gets when hop3-nix is installed beside it.

The server loads `plugin` through the entry point group ``hop3``. Its own NixBuilder builds apps
that bring a hop3.nix; this one builds the others, from their Procfile and lockfile.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3.config import APP_ROOT
from hop3.core.hooks import hop3_hook_impl
from hop3.core.protocols import BuildArtifact, RuntimeConfig
from hop3.lib import Abort, log
from hop3.plugins.build.nix.builder import NixBuilder
from hop3.project.config import AppConfig

from hop3_nix import onserver
from hop3_nix.building.pipeline import build_app, plan_app
from hop3_nix.building.unchanged import BuildOptions
from hop3_nix.deploy.verify import take
from hop3_nix.errors import (
    Hop3NixError,
    LockError,
    SourceError,
    UnavailableError,
    UnsupportedError,
)
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from hop3.core.protocols import DeploymentContext

    from hop3_nix.contract import BuildArtifact as OurArtifact
    from hop3_nix.plan import BuildPlan
    from hop3_nix.progress import Progress

LEFT_TO_OTHERS: Final = (SourceError, LockError, UnsupportedError, UnavailableError)
"""What says that this builder is not the one for an app, as against that the app is wrong."""

RESULT: Final = ".nix-result"
PREVIOUS: Final = ".nix-result-prev"
"""Links in the app's directory that keep the result, and the one that may still be running.

They have the names that the server's own builder gives them, so that either finds the other's."""


class LockfileNixBuilder(NixBuilder):  # type: ignore[misc] # hop3-server ships no types
    """Builds with Nix what has a Procfile and a lockfile, and needs no ``[nix] template``.

    An app with a hop3.nix or a template of the server's is left to the class this one extends.
    It has the same name, so ``[build] builder = "nix"`` reaches both.
    """

    def __init__(self, context: DeploymentContext) -> None:
        super().__init__(context)
        self.acceptance_reason = ""
        self._plan: BuildPlan | None = None

    def accept(self) -> bool:
        """Return whether the app can be built from its lockfile; if not, say why.

        Raises Abort if it is meant to be, and something in its files is wrong or cannot be
        reached now.
        """
        if self._is_the_servers():
            return bool(super().accept())
        # Planning takes the module for a command line, and finds no server for it.
        if worker := onserver.in_uwsgi(AppConfig.from_dir(self.context.source_path.parent).workers):
            self.rejection_reason = f"the worker {worker} is one of the server's own uWSGI"
            log(
                f"hop3-nix does not build {self.context.app_name}: {self.rejection_reason}",
                level=1,
                fg="yellow",
            )
            return False
        try:
            plan = plan_app(self.context.source_path, self._options())
            onserver.check_crons(plan)
        except LEFT_TO_OTHERS as error:
            self.rejection_reason = str(error)
            log(f"hop3-nix does not build {self.context.app_name}: {error}", level=1, fg="yellow")
            return False
        except Hop3NixError as error:
            raise _abort(error) from error
        self._plan = plan
        self.acceptance_reason = "; ".join(
            f"{each.choice}: {each.file}" if each.file else each.choice
            for each in plan.evidence[:2]
        )
        return True

    def build(self) -> BuildArtifact:
        """Return the artifact, in the server's own form. Raises Abort with what to do next."""
        if self._is_the_servers():
            return super().build()
        report = _ServerLog()
        self._keep_previous()
        source = self.context.source_path
        try:
            plan = self._plan or plan_app(source, self._options())
            onserver.check_crons(plan)
            built = build_app(source, self._options(), report)
            take(Path(built.location))
        except Hop3NixError as error:
            self._write_log(report, "FAILED")
            raise _abort(error) from error
        report.line(built.location)
        self._write_log(report, "SUCCESS")
        return _as_the_servers(built, plan, self.context.app_name, source)

    def _is_the_servers(self) -> bool:
        has_template: bool = self._has_nix_template()
        return has_template or (self.context.source_path / "hop3.nix").exists()

    def _options(self) -> BuildOptions:
        return BuildOptions(
            builder="nix",
            out_link=self.context.source_path.parent / RESULT,
            # The directory is called src for every app of a server.
            name=self.context.app_name,
        )

    def _keep_previous(self) -> None:
        """Keep what the running workers were built from until the next build."""
        current = self.context.source_path.parent / RESULT
        if current.exists():
            nixcli.add_root(current.with_name(PREVIOUS), current.resolve())

    def _write_log(self, report: _ServerLog, status: str) -> None:
        """Put the log where ``hop3 app logs --build`` looks for it."""
        lines = [f"App: {self.context.app_name}", f"Status: {status}", "Builder: nix", ""]
        path = APP_ROOT / self.context.app_name / "log" / "build.log"
        write_text_atomic(path, "\n".join([*lines, *report.lines, ""]))


class _ServerLog:
    """A report whose notes go to the operator, and whose lines are kept for the log."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, text: str) -> None:
        self.lines.append(text)
        log(text, level=1, fg="blue")

    def progress(self, progress: Progress) -> None:
        """Drop it: the server shows lines, not a moment."""

    def line(self, text: str) -> None:
        self.lines.append(text)


class Hop3NixPlugin:
    """What the entry point names."""

    name = "hop3-nix"

    @hop3_hook_impl  # type: ignore[untyped-decorator] # pluggy's marker has no types
    def get_builders(self) -> list[type[LockfileNixBuilder]]:
        """Return our builder; the server asks it before its own."""
        return [LockfileNixBuilder]


class MergedArtifact(BuildArtifact):  # type: ignore[misc] # hop3-server ships no types
    """An artifact that keeps what was built when the server has put its own texts over it.

    Between the build and saving the artifact the server replaces ``runtime`` by what it reads in
    Procfile and hop3.toml itself: ``[run]`` over our workers, ``prerun`` for ``before_run``, and
    ``release`` and ``cron-NAME`` as workers that never end.
    """

    def save(self, path: Path) -> None:
        """Save the artifact, with what the build made of the commands."""
        merged, built = self.runtime, self.built
        merged.workers = onserver.merged_workers(merged.workers, built.workers)
        merged.before_run = built.before_run
        merged.backend_protocol = built.backend_protocol
        super().save(path)


def _as_the_servers(
    built: OurArtifact, plan: BuildPlan, app_name: str, source: Path
) -> BuildArtifact:
    """Return ``built`` as the server's model, to be run in the app's source directory."""
    location = Path(built.location)
    tree = onserver.tree_of(location)
    onserver.bring(tree, source)
    onserver.make_writable(location, source / plan.directory)
    (source.parent / "data").mkdir(exist_ok=True)
    site = onserver.site_of(plan)
    runtime = onserver.runtime_for(
        built, tree, source, site and str(source / plan.directory / site)
    )
    artifact = MergedArtifact(
        kind="nix" if site is None else "static",
        builder="nix",
        app_name=app_name,
        built_at=built.built_at.isoformat(),
        build_id=built.build_id,
        location=built.location,
        runtime=RuntimeConfig(**runtime),
        metadata={**built.metadata, "toolchain": built.kind, "store_path": built.location},
    )
    artifact.built = RuntimeConfig(**runtime)
    return artifact


def _abort(error: Hop3NixError) -> Abort:
    # The server logs the message alone.
    return Abort(f"{error}\n{error.tip}" if error.tip else str(error))


plugin = Hop3NixPlugin()
