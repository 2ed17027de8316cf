"""The builder that has Nix do it: stage, render, realise, verify, record."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from hop3_nix.builders.base import ROOTS, describe, record, refuse_other_content
from hop3_nix.builders.buildlog import open_log
from hop3_nix.builders.inputs import compared
from hop3_nix.builders.leaks import check_result
from hop3_nix.builders.prefetch import prefetch
from hop3_nix.builders.staging import stage_in
from hop3_nix.contract import RUNTIME_FILE, BuildArtifact, read_runtime
from hop3_nix.errors import ArtifactTamperedError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.files.resources import fingerprint_with, write_library
from hop3_nix.host.state import state_dir, writing_to
from hop3_nix.nix import buildusers
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import Expression, NixSettings
from hop3_nix.nix.log import NixLog
from hop3_nix.rendering.expression import render
from hop3_nix.rendering.nixlang import NixText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.builders.base import BuildRequest
    from hop3_nix.packagesets.base import PackageSet

EXPRESSION: Final = "hop3.nix"
LIBRARY: Final = "hop3-nix"
SOURCE: Final = "source"
ATTRIBUTE: Final = "package"
IMAGE: Final = "imageWith"


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
        with new_root(root):
            with self.staged(request) as expression:
                location = self._realise(request, Expression(expression, ATTRIBUTE), root)
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

    @contextmanager
    def image(
        self, request: BuildRequest, options: str, *, usable: Callable[[Path], object]
    ) -> Iterator[Path]:
        """Give the store path of the image by ``options``, the arguments of mkImage as JSON.

        ``usable`` refuses the package that it is made of, if there is reason to. Nothing is
        recorded, and nothing keeps the image once the block has ended.
        """
        with self.staged(request) as expression:
            stage = expression.parent
            usable(self._realise(request, Expression(expression, ATTRIBUTE), stage / ATTRIBUTE))
            image = Expression(expression, IMAGE, (("imageOptions", options),))
            yield self._realise(request, image, stage / IMAGE)

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
    def staged(self, request: BuildRequest) -> Iterator[Path]:
        """Give hop3.nix in a directory with the library and a snapshot of the source."""
        with stage_in(request.state) as stage:
            with writing_to(request.state):
                request.source.copy_to(stage / SOURCE)
                library = state_dir() / "library" / fingerprint_with(request.languages)
                write_library(library, request.languages)
                (stage / LIBRARY).symlink_to(library)
                text = render(
                    request.plan,
                    pkgs=NixText(self.package_set.expression()),
                    src=f"./{SOURCE}",
                    snapshot=True,
                    included=request.source.include_patterns,
                )
                write_text_atomic(stage / EXPRESSION, text)
            yield stage / EXPRESSION


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
