"""``hop3-nix image``: an OCI image of an app."""

from __future__ import annotations

from pathlib import Path

import click

from hop3_nix.atomic import is_stream
from hop3_nix.cli.appfiles import is_source
from hop3_nix.cli.console import report as say
from hop3_nix.cli.options import app_argument, pkgs_option, require_output
from hop3_nix.cli.progress import reporting
from hop3_nix.pipeline import image_app
from hop3_nix.unchanged import BuildOptions


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
@click.option("-v", "--verbose", is_flag=True, help="Show every line of the log.")
def image(*, app: Path, output: Path, pkgs: str | None, verbose: bool) -> None:
    """Build APP with Nix and write an OCI image of it: what it needs at run time, and nothing else.

    \b
      hop3-nix image -o ../shop.tar
      podman load -i ../shop.tar
      docker load -i ../shop.tar
      skopeo copy oci-archive:../shop.tar docker://registry.example/shop:1.0

    The image starts the worker `web`, which listens on PORT, by default 8000. Other workers are
    started by their launchers, which the image's labels name. The same app gives the same image,
    to the byte. What the app writes goes to /state: mount a volume there.
    """
    require_output(output)
    with reporting(verbose=verbose) as progress:
        image_app(app, BuildOptions(pkgs=pkgs), output, progress)
    if is_stream(output):
        return
    say(f"wrote {output}")
    if is_source(app, output):
        say("It is among the files of the app: the next build takes it in, unless it is moved away")
        say("or left out by a line in .hop3ignore.")
