"""The builder that has Nix do it: stage, render, realise, verify, record."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix import buildusers, nixcli
from hop3_nix.atomic import write_text_atomic
from hop3_nix.builders.base import ROOTS, describe, record, refuse_other_content
from hop3_nix.builders.buildlog import open_log
from hop3_nix.builders.inputs import compared
from hop3_nix.builders.leaks import check_result
from hop3_nix.builders.prefetch import prefetch
from hop3_nix.contract import RUNTIME_FILE, BuildArtifact, read_runtime
from hop3_nix.errors import ArtifactTamperedError
from hop3_nix.nixcli import Expression, NixSettings
from hop3_nix.nixlang import NixText
from hop3_nix.nixlog import NixLog
from hop3_nix.render import render
from hop3_nix.resources import fingerprint_with, write_library
from hop3_nix.state import state_dir, writing_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.builders.base import BuildRequest
    from hop3_nix.packagesets.base import PackageSet

EXPRESSION: Final = "hop3.nix"
LIBRARY: Final = "hop3-nix"
SOURCE: Final = "source"
ATTRIBUTE: Final = "package"


@dataclass(frozen=True)
class NixBuilder:
    """Builds with Nix, from the packages of ``package_set``."""

    package_set: PackageSet

    @property
    def name(self) -> Literal["nix"]:
        """Return the builder's name."""
        return "nix"

    def build(self, request: BuildRequest) -> BuildArtifact:
        """Return the artifact, whose location is a store path that has a root.

        The root of the previous artifact is dropped once the new one is recorded.
        """
        if request.out_link is not None:
            refuse_other_content(request.out_link)
        root = request.state / ROOTS / request.build_id
        with self._staged(request) as work, new_root(root):
            location = self._realise(request, Expression(work / EXPRESSION, ATTRIBUTE), root)
            verify_result(location)
            runtime = read_runtime(location / RUNTIME_FILE)
            whole = runtime.working_dir.removesuffix(f"/{request.plan.directory}")
            told = check_result(Path(whole), request.source)
            artifact = describe(
                request,
                self,
                location=location,
                runtime=runtime,
                package_set=self.package_set.describe(),
                references=told,
            )
            if request.out_link is not None:
                nixcli.add_root(request.out_link, location)
            with writing_to(request.state):
                record(request.state, artifact)
        return artifact

    def output(
        self, request: BuildRequest, attribute: str, link: Path, texts: Mapping[str, str]
    ) -> Path:
        """Return the store path of another output of the expression; ``link`` becomes its root.

        ``texts`` are arguments of it. Nothing is recorded.
        """
        with self._staged(request) as work:
            what = Expression(work / EXPRESSION, attribute, tuple(texts.items()))
            return self._realise(request, what, link)

    def _realise(self, request: BuildRequest, what: Expression, root: Path) -> Path:
        buildusers.ensure(request.report.note)
        settings = NixSettings(
            {**self.package_set.nix_settings(), **request.limits.nix_options()},
            front=request.limits.front(),
        )
        prefetch(request.plan, request.state, request.report)
        with writing_to(request.state), open_log(request.state, request.report) as log:
            nix_log = NixLog(on_line=log.line, on_progress=request.report.progress)
            with compared(nix_log, root):
                location = nixcli.build(
                    what,
                    out_link=root,
                    settings=settings,
                    log=nix_log,
                    log_file=str(log.path),
                )
            if request.check:
                request.report.note("building a second time, to compare")
                nix_log = NixLog(on_line=log.line, on_progress=request.report.progress)
                with compared(nix_log):
                    nixcli.build(
                        what,
                        out_link=None,
                        check=True,
                        settings=settings,
                        log=nix_log,
                        log_file=str(log.path),
                    )
        return location

    @contextmanager
    def _staged(self, request: BuildRequest) -> Iterator[Path]:
        """Give a directory with hop3.nix, the library and a snapshot of the source.

        It stays when the build fails, so that the build can be repeated by hand.
        """
        work = request.state / "work"
        with writing_to(request.state):
            if work.exists():
                shutil.rmtree(work)
            work.mkdir(parents=True)
            try:
                request.source.copy_to(work / SOURCE)
                library = state_dir() / "library" / fingerprint_with(request.languages)
                write_library(library, request.languages)
                (work / LIBRARY).symlink_to(library)
                expression = NixText(self.package_set.expression())
                text = render(
                    request.plan,
                    pkgs=expression,
                    src=f"./{SOURCE}",
                    snapshot=True,
                    included=request.source.include_patterns,
                )
                write_text_atomic(work / EXPRESSION, text)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise
        yield work


@contextmanager
def new_root(root: Path) -> Iterator[None]:
    """Take a root that was made inside away again if what follows does not succeed."""
    existed = root.is_symlink()
    try:
        with writing_to(root.parent):
            root.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        if not existed:
            root.unlink(missing_ok=True)
        raise


def verify_result(location: Path) -> None:
    """Refuse a store path that was changed: Nix itself takes one that is there as it is."""
    if not nixcli.verify_path(location):
        raise ArtifactTamperedError(
            f"{location} is not what was built: somebody changed it in the store",
            tip=f"Have Nix build it again: {nixcli.repair_command([str(location)])}",
        )
