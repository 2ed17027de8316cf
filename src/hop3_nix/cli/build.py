"""``hop3-nix build`` and ``hop3-nix lock``; quick.py answers for most unchanged builds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from hop3_nix.building.unchanged import BuilderChoice, BuildOptions
from hop3_nix.cli.console import echo
from hop3_nix.cli.options import (
    allow_code_option,
    app_argument,
    build_options,
    limit_options,
    pkgs_option,
)
from hop3_nix.host.limits import BuildLimits


@click.command(short_help="Build an app into an artifact that says how to run itself.")
@build_options
@click.option(
    "-o",
    "--out-link",
    type=click.Path(path_type=Path),
    help="Make a link to the result, which keeps it from garbage collection.",
)
@click.option(
    "--artifact-file", is_flag=True, help="Write BUILD_ARTIFACT.json beside the source, too."
)
@click.option("--lock", is_flag=True, help="Write hop3-nix.lock first if the app needs one.")
@allow_code_option
@click.option("--check", is_flag=True, help="Build a second time and compare the results.")
@click.option("--rebuild", is_flag=True, help="Go through the build though nothing has changed.")
@limit_options
@click.option("--json", "as_json", is_flag=True, help="Print the artifact as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Show every line of the log.")
def build(
    *,
    app: Path,
    builder: BuilderChoice | None,
    pkgs: str | None,
    out_link: Path | None,
    artifact_file: bool,
    lock: bool,
    allow_code: bool,
    check: bool,
    rebuild: bool,
    as_json: bool,
    verbose: bool,
    **limits: Any,
) -> None:
    """Build APP (by default, this directory) and print where the result is.

    \b
      hop3-nix build                      build the app here
      hop3-nix build ~/app -o result      and make a link to the result
      hop3-nix build --builder local      without Nix, with this machine's programs

    The dependencies come from the app's own lockfile, by their hashes. What is built and what it
    was built from is recorded, so that `hop3-nix run`, `exec` and `inspect` find it by the app's
    directory. The full log is kept beside the record.
    """
    from hop3_nix.building.pipeline import build_app  # noqa: PLC0415 - likewise
    from hop3_nix.cli.progress import reporting  # noqa: PLC0415 - --help does without

    options = BuildOptions(
        builder,
        pkgs,
        out_link,
        lock=lock,
        allow_code=allow_code,
        check=check,
        rebuild=rebuild,
        limits=BuildLimits(**limits),
    )
    with reporting(verbose=verbose) as report:
        artifact = build_app(app, options, report)
    if artifact_file:
        from hop3_nix.contract import ARTIFACT_FILE, write_artifact  # noqa: PLC0415 - likewise
        from hop3_nix.host.state import writing_to  # noqa: PLC0415 - likewise

        with writing_to(app, tip="Make the directory writable, or leave out --artifact-file."):
            write_artifact(artifact, app.resolve() / ARTIFACT_FILE)
    echo(artifact.to_json() if as_json else f"{artifact.location}\n", nl=False)


@click.command(short_help="Write hop3-nix.lock, which pins what has no hashes yet.")
@app_argument
@pkgs_option
@click.option(
    "--omit-addresses",
    is_flag=True,
    help="Write digests alone: whoever builds asks the index they use where the files are.",
)
@allow_code_option
@click.option("--json", "as_json", is_flag=True, help="Print the names of the files as JSON.")
def lock(
    *, app: Path, pkgs: str | None, omit_addresses: bool, allow_code: bool, as_json: bool
) -> None:
    """Write hop3-nix.lock for APP: hashes for what its own lockfile has none for.

    What has to be run to know what the app needs (setup.py, build back ends) runs in a sandbox that
    has nothing of this machine but programs, and reaches nothing but the index.

    The file is bound to the files it was made from: when they change, `build` says that it is
    stale. Commit it beside them.
    """
    from hop3_nix.building.pipeline import lock_app  # noqa: PLC0415 - likewise
    from hop3_nix.cli.progress import reporting  # noqa: PLC0415 - --help does without

    with reporting() as report:
        options = BuildOptions(pkgs=pkgs, allow_code=allow_code)
        paths = lock_app(app, options, report, addresses=not omit_addresses)
        if not paths:
            report.note("the app's own lockfile has a hash for everything: nothing to write")
    if as_json:
        echo(json.dumps({"paths": list(map(str, paths))}))
    else:
        for path in paths:
            echo(path)
