"""``hop3-nix image``: an OCI image of an app."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hop3_nix.building.images import ImageOptions, check_name, check_tag
from hop3_nix.building.pipeline import image_app
from hop3_nix.building.unchanged import BuildOptions
from hop3_nix.cli.appfiles import is_source
from hop3_nix.cli.console import echo
from hop3_nix.cli.console import report as say
from hop3_nix.cli.options import app_argument, pkgs_option, require_output
from hop3_nix.cli.progress import reporting
from hop3_nix.files.atomic import is_stream

if TYPE_CHECKING:
    from collections.abc import Callable


def _checked(check: Callable[[str], None]) -> Callable[..., str | None]:
    def callback(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        try:
            if value is not None:
                check(value)
        except ValueError as error:
            raise click.BadParameter(str(error), param=parameter) from error
        return value

    return callback


def _labels(
    _: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    for value in values:
        if not value.partition("=")[0] or "=" not in value:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE", param=parameter)
    return dict(value.split("=", 1) for value in values)


def _words(_: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(value or ""))
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}", param=parameter) from error
    if value is not None and not words:
        raise click.BadParameter("is empty", param=parameter)
    return words


@click.command(short_help="Write an OCI image of an app to a file.")
@app_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to write the image: one file, or - for standard output.",
)
@pkgs_option
@click.option("--name", callback=_checked(check_name), help="Its name; the default is the app's.")
@click.option("--tag", callback=_checked(check_tag), help="Its tag; the default is the version.")
@click.option("--worker", help="The worker that it starts; the default is web.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="PORT, unless the container is given another; 8000 by default.",
)
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_labels,
    help="A label beside its own. May be given several times.",
)
@click.option(
    "--entrypoint",
    metavar="COMMAND",
    callback=_words,
    help="What a container starts instead of a worker.",
)
@click.option(
    "--static-elsewhere",
    is_flag=True,
    help="What is in front of the container serves the paths of [static].",
)
@click.option("--json", "as_json", is_flag=True, help="Print name, digest and file as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="Show every line of the log.")
def image(
    *, app: Path, output: Path, pkgs: str | None, as_json: bool, verbose: bool, **asked: Any
) -> None:
    """Build APP with Nix and write an OCI image of it: what it needs at run time, and nothing else.

    \b
      hop3-nix image -o ../shop.tar
      podman load -i ../shop.tar
      docker load -i ../shop.tar
      skopeo copy oci-archive:../shop.tar docker://registry.example/shop:1.0

    The image starts the worker `web`, which listens on PORT, by default 8000, or the worker that is
    its first argument. The same app gives the same image, to the byte. What the app writes goes to
    /state: mount a volume there.
    """
    require_output(output)
    if as_json and is_stream(output):
        raise click.UsageError("--json is for an image in a file: both would be standard output")
    options = ImageOptions(**{name: value for name, value in asked.items() if value})
    with reporting(verbose=verbose) as progress:
        made = image_app(app, BuildOptions(pkgs=pkgs), options, output, progress)
    if as_json:
        echo(json.dumps({**made.model_dump(), "file": str(output)}))
        return
    say(f"{made.name} {made.digest}")
    if is_stream(output):
        return
    say(f"wrote {output}")
    if is_source(app, output):
        say("It is among the files of the app: the next build takes it in, unless it is moved away")
        say("or left out by a line in .hop3ignore.")
