"""From a directory to an artifact: the steps in their order, and the choices between them."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hop3_nix import __version__
from hop3_nix.builders.advice import advising
from hop3_nix.builders.base import ROOTS, BuildRequest, Report, Silence
from hop3_nix.builders.nix import NixBuilder
from hop3_nix.builders.origins import naming_origins
from hop3_nix.building import unchanged
from hop3_nix.building.context import choose
from hop3_nix.building.images import ImageOptions, MadeImage, check_image, read_image, refuse_built
from hop3_nix.building.ownexpression import BUILD_LIMIT, build_own, say_what_is_left_out
from hop3_nix.building.unchanged import BuildOptions, LastBuild
from hop3_nix.contract import BuildArtifact, read_artifact
from hop3_nix.deploy.verify import take
from hop3_nix.errors import InterruptedBuildError, LockError, UnsupportedError
from hop3_nix.files import resources
from hop3_nix.files.atomic import remove_leftovers, write_output, write_text_atomic
from hop3_nix.host.interrupts import ended_by_signals
from hop3_nix.host.state import app_dir, lock, writing_to
from hop3_nix.plan import REPOSITORY
from hop3_nix.rendering.expression import render
from hop3_nix.rendering.nixlang import NixText
from hop3_nix.rendering.renderedfrom import rendered_from
from hop3_nix.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hop3_nix.building.context import Context
    from hop3_nix.plan import BuildPlan
    from hop3_nix.toolchains.checking import Checked


def plan_app(root: Path, options: BuildOptions, report: Report | None = None) -> BuildPlan:
    """Return the plan for the application at ``root``; files may be without an address.

    Raises InputError for what is wrong with the application.
    """
    report = report or Silence()
    return _plan(_open(root, options, report), options, report)[1]


def check_app(root: Path, options: BuildOptions, report: Report | None = None) -> Checked:
    """Return the plan for the application at ``root``, as far as there is one, and its problems.

    Raises InputError for what leaves nothing to look at.
    """
    report = report or Silence()
    context = _open(root, options, report)
    return context.app.check(context.target)


def mirrored_app(root: Path, options: BuildOptions, report: Report | None = None) -> Checked:
    """Return the same, with the addresses that the mirrors of whoever asks have.

    Their own clients are asked which those are, and no network.
    """
    context = _open(root, options, report or Silence())
    checked = context.app.check(context.target)
    if checked.plan is None or context.package_set is None:
        return checked
    return replace(checked, plan=context.app.mirrored(checked.plan, context.target, context.tools))


class Rendered(NamedTuple):
    """The text of hop3.nix, and the Nix files that it needs beside those of our library."""

    text: str
    languages: dict[str, Path]


def render_app(
    root: Path, options: BuildOptions, report: Report | None = None, *, src: str = "./."
) -> Rendered:
    """Return hop3.nix for the application at ``root``, whatever builder it says.

    ``src`` is the application's tree relative to the file. Raises InputError as `plan_app` does,
    and UnavailableError without Nix or a package set.
    """
    report = report or Silence()
    context = _open(root, options._replace(builder="nix"), report)
    context, plan = _plan(context, options, report)
    plan = _locate(context, plan)
    assert context.package_set is not None  # noqa: S101 - for the type checker: builder is nix
    pkgs = NixText(context.package_set.expression())
    source = context.source
    text = render(
        plan,
        pkgs=pkgs,
        src=src,
        digests=rendered_from(source, plan),
        included=source.include_patterns,
    )
    return Rendered(text, context.app.nix_files)


def lock_app(
    root: Path, options: BuildOptions, report: Report | None = None, *, addresses: bool = True
) -> tuple[Path, ...]:
    """Write hop3-nix.lock into the application at ``root``, and return what was written.

    Without ``addresses`` it has digests alone, and a build asks the index where the files are.
    Each language has a file of its own; there is none for one whose own lockfile says all.
    Raises LockError if it cannot be resolved, or TemporaryError.
    """
    return _lock(_open(root, options, report or Silence()), addresses=addresses)


def build_app(
    root: Path,
    options: BuildOptions,
    report: Report | None = None,
    *,
    check: Callable[[BuildPlan], None] = lambda _plan: None,
) -> BuildArtifact:
    """Build the application at ``root`` and return its artifact, which is recorded.

    ``check`` may refuse the plan, before anything is fetched or built for it; it is not asked if
    nothing has changed since the last build.
    Two builds of one application wait for each other. Raises what the builders raise, and
    InterruptedBuildError when SIGINT, SIGTERM or SIGHUP ends it; the previous artifact and its
    root are then what they were.
    """
    report = report or Silence()
    with _interruptible():
        source = Source.open(root)
        if (same := _same(source, options)) is not None:
            return same
        say_what_is_left_out(source, report)
        if source.own_expression:
            return build_own(source, options, report)
        # What is wrong with the application is told before anything is written.
        context, plan = _plan(choose(source, options, report), options, report)
        for warning in plan.warnings:
            report.note(f"warning: {warning}")
        check(plan)
        context, plan = _located(context, plan, options, report)
        state = app_dir(source.root)
        with lock(
            state / "lock", "another build of this application", say=report.note, limit=BUILD_LIMIT
        ):
            # What the other build has made, if we had to wait for it.
            same = _same(context.source, options)
            return same or _build(context, plan, options, report, state)


def image_app(
    root: Path,
    options: BuildOptions,
    image: ImageOptions,
    target: Path,
    report: Report | None = None,
) -> MadeImage:
    """Write the OCI image of the application at ``root`` to ``target``, as `write_output` does.

    Raises as `build_app` does, UnsupportedError for what an image does not do for the app, and
    UnavailableError without Nix or a package set.
    """
    report = report or Silence()
    refuse_built(root)
    with _interruptible():
        options = options._replace(builder="nix")
        context, plan = _plan(_open(root, options, report), options, report)
        check_image(plan, image, context.app.config, report.note)
        plan = _locate(context, plan)
        assert context.package_set is not None  # noqa: S101 - for the type checker: builder is nix
        state = app_dir(context.source.root)
        with (
            lock(
                state / "lock",
                "another build of this application",
                say=report.note,
                limit=BUILD_LIMIT,
            ),
            naming_origins(context.source, plan),
            advising(context.package_set, context.app.config),
        ):
            request = _request(context, plan, options, report, state)
            builder = NixBuilder(context.package_set)
            with builder.image(request, image.to_json(), usable=take) as file:
                with writing_to(target), write_output(target) as out, file.open("rb") as content:
                    shutil.copyfileobj(content, out)
                return read_image(file)


def _same(source: Source, options: BuildOptions) -> BuildArtifact | None:
    """Return the artifact of the last build if nothing has changed since."""
    if options.lock or options.check or options.rebuild:
        return None
    same = unchanged.cached_for(source, options)
    return None if same is None else read_artifact(same.artifact_file)


def _build(
    context: Context, plan: BuildPlan, options: BuildOptions, report: Report, state: Path
) -> BuildArtifact:
    request = _request(context, plan, options, report, state)
    with writing_to(state):
        remove_leftovers(state)
    with naming_origins(context.source, plan), advising(context.package_set, context.app.config):
        artifact = context.builder.build(request)
    pins = () if context.package_set is None else context.package_set.pinned_by()
    # A tag may move without a file of the source.
    if pins is not None and not any(each.file.endswith(REPOSITORY) for each in plan.evidence):
        root = "" if context.package_set is None else str(state / ROOTS / request.build_id)
        last = LastBuild(
            key=unchanged.key_of(context.source, options),
            location=artifact.location,
            root=root,
            fell_back=context.fell_back,
            watched=unchanged.watch(map(str, (*pins, *_added_files(context.app.nix_files)))),
        )
        with writing_to(state):
            unchanged.remember(state, last)
    return artifact


def _added_files(languages: Mapping[str, Path]) -> Iterator[Path]:
    """Yield the Nix files of ``languages``, on which a build depends as on our own."""
    for directory in languages.values():
        yield from (path for path in sorted(directory.rglob("*")) if path.is_file())


def _request(
    context: Context, plan: BuildPlan, options: BuildOptions, report: Report, state: Path
) -> BuildRequest:
    return BuildRequest(
        plan=plan,
        source=context.source,
        state=state,
        build_id=_build_id(context, plan),
        out_link=options.out_link,
        check=options.check,
        limits=options.limits,
        report=report,
        languages=context.app.nix_files,
    )


def _open(root: Path, options: BuildOptions, report: Report) -> Context:
    source = Source.open(root)
    if source.own_expression:
        raise UnsupportedError(
            "is the application's own, and says how it is built: there is nothing to plan, lock or "
            "render",
            file=source.own_expression,
            tip="hop3-nix build builds it. To have hop3-nix write the expression, move it away.",
        )
    say_what_is_left_out(source, report)
    return choose(source, options, report)


def _plan(context: Context, options: BuildOptions, report: Report) -> tuple[Context, BuildPlan]:
    """Return the plan; with ``--lock``, hop3-nix.lock is written first if there is need of one."""
    try:
        return context, context.app.plan(context.target)
    except LockError as error:
        if not options.lock:
            raise
        report.note(f"locking: {error}")
        if not _lock(context):
            raise
    return _plan_again(context)


def _plan_again(context: Context) -> tuple[Context, BuildPlan]:
    """Return the plan by the lock that was written just now."""
    app = context.app.read_again(Source.open(context.source.root))
    return replace(context, app=app), app.plan(context.target)


def _located(
    context: Context, plan: BuildPlan, options: BuildOptions, report: Report
) -> tuple[Context, BuildPlan]:
    """Return the plan with addresses; with ``--lock``, what builds sdists is locked if need be.

    A lockfile of hashes does not say that a package has no wheel: its index does.
    """
    try:
        return context, _locate(context, plan)
    except LockError as error:
        if not options.lock:
            raise
        report.note(f"locking: {error}")
        if not _lock(context):
            raise
    context, plan = _plan_again(context)
    return context, _locate(context, plan)


def _locate(context: Context, plan: BuildPlan) -> BuildPlan:
    # Without Nix, the ecosystem's own client looks for the files by their digests.
    if context.package_set is None:
        return plan
    with naming_origins(context.source, plan):
        return context.app.locate(plan, context.target, context.tools)


def _lock(context: Context, *, addresses: bool = True) -> tuple[Path, ...]:
    with advising(context.package_set, context.app.config):
        locks = context.app.locks(context.target, context.tools)
    written = {context.source.root / file: content for file, content in locks.items()}
    for path, content in written.items():
        with writing_to(path):
            said = content if addresses else content.without_addresses()
            write_text_atomic(path, said.to_json())
    return tuple(written)


def _build_id(context: Context, plan: BuildPlan) -> str:
    """Return a digest of all that the artifact depends on, as it stands in it."""
    package_set = context.package_set
    parts = {
        "source": context.source.digest,
        "plan": plan.model_dump(mode="json"),
        "target": context.target.model_dump(mode="json", exclude={"packages"}),
        "package_set": None if package_set is None else package_set.describe(),
        "library": resources.fingerprint_with(context.app.nix_files),
        "tool": __version__,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


@contextmanager
def _interruptible() -> Iterator[None]:
    try:
        with ended_by_signals():
            yield
    except KeyboardInterrupt:
        raise InterruptedBuildError(
            "stopped before the build was done",
            tip="The artifact of the build before is still the one in use.",
        ) from None
