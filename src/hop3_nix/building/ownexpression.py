"""An application that brings its own expression, a hop3.nix: it is built before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hop3_nix.builders.base import ROOTS
from hop3_nix.builders.own import OwnBuild
from hop3_nix.building import unchanged
from hop3_nix.building.unchanged import BuildOptions, LastBuild
from hop3_nix.config import load_config
from hop3_nix.config.file import template_line
from hop3_nix.config.load import CONFIG_FILE, PACKAGE_SETS
from hop3_nix.errors import ConfigError, UnsupportedError
from hop3_nix.host.state import app_dir, lock, writing_to
from hop3_nix.nix import commands as nixcli
from hop3_nix.packagesets.choice import select
from hop3_nix.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from hop3_nix.builders.base import Report
    from hop3_nix.contract import BuildArtifact

BUILD_LIMIT: Final = 4 * 3600.0
"""Seconds that another build of the same application is waited for."""

NAMED: Final = 8
"""How many of the files that are left out are named."""


def own_expression(root: Path) -> str:
    """Return the name of the expression that the application itself brings, or "".

    Raises ConfigError if hop3.toml names a template as well.
    """
    source = Source.open(root)
    if source.own_expression:
        _refuse_template(source)
    return source.own_expression


def build_own(source: Source, options: BuildOptions, report: Report) -> BuildArtifact:
    """Build it and return the artifact, which is recorded. Raises as `pipeline.build_app` does."""
    _refuse_template(source)
    if options.builder == "local" or options.check:
        raise UnsupportedError(
            "only Nix can build it, and its result is not compared",
            file=source.own_expression,
            tip="Leave out --builder local and --check.",
        )
    report.note(f"building {source.own_expression}, the application's own: nothing else is read")
    config = load_config(source, options.name)
    nixcli.require()
    known = config.package_set if config.package_set in PACKAGE_SETS else None
    package_set = select(options.pkgs or known, report=report.note)
    package_set.prepare(report.note)
    state = app_dir(source.root)
    with lock(
        state / "lock", "another build of this application", say=report.note, limit=BUILD_LIMIT
    ):
        own = OwnBuild(
            source, config.name, package_set, state, options.out_link, report, options.limits
        )
        artifact = own.build()
        pins = package_set.pinned_by()
        if pins is not None:
            last = LastBuild(
                key=unchanged.key_of(source, options),
                location=artifact.location,
                root=str(state / ROOTS / own.build_id),
                fell_back=False,
                watched=unchanged.watch(map(str, pins)),
            )
            with writing_to(state):
                unchanged.remember(state, last)
    return artifact


def _refuse_template(source: Source) -> None:
    file = source.find_config(CONFIG_FILE)
    line = None if file is None else template_line(source.read_text(file), file)
    if line is not None:
        raise ConfigError(
            f"[nix] template is given, and so is {source.own_expression}: each of them says how "
            "the application is built",
            file=file or "",
            line=line or None,
            tip=f"Keep one of the two: take the template out, or {source.own_expression} away.",
        )


def say_what_is_left_out(source: Source, report: Report) -> None:
    """Name the files that are no part of the source as they hold secrets, or may."""
    if source.left_out:
        more = len(source.left_out) - NAMED
        names = ", ".join(source.left_out[:NAMED]) + (f" and {more} more" if more > 0 else "")
        report.note(f"left out, as everybody can read the Nix store: {names}")
