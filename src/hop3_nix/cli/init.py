"""``hop3-nix init``: the files that an app has of its own for Nix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hop3_nix.building.pipeline import render_app
from hop3_nix.building.unchanged import BuildOptions
from hop3_nix.cli.console import report as say
from hop3_nix.cli.options import pkgs_option
from hop3_nix.cli.progress import reporting
from hop3_nix.cli.render import EXPRESSION, LIBRARY
from hop3_nix.config import load_config
from hop3_nix.config.load import CONFIG_FILE, PROCFILE
from hop3_nix.errors import InputError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.files.resources import TEMPLATES, write_library
from hop3_nix.packagesets.nixpkgs_flake import lock_text, reference
from hop3_nix.packagesets.system import current_system
from hop3_nix.platforms.reading import LOOKED_FOR, as_hop3_toml, read_platforms
from hop3_nix.procfile import parse_procfile
from hop3_nix.rendering.expression import render_flake
from hop3_nix.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FLAKE: Final = "flake.nix"
FLAKE_LOCK: Final = "flake.lock"

CI: Final = {
    "forgejo": ".forgejo/workflows/hop3.yml",
    "github": ".github/workflows/hop3.yml",
    "gitlab": ".gitlab-ci.yml",
    "woodpecker": ".woodpecker/hop3.yml",
}
"""Where each service looks for what to do, from the top of the repository."""


@click.command(short_help="Write a hop3.toml, a flake, or the jobs of a CI service.")
@click.argument("app", default=".", type=click.Path(path_type=Path), metavar="[APP]")
@click.option("--flake", is_flag=True, help="Write flake.nix, and hop3.nix that it takes.")
@click.option("--ci", type=click.Choice(sorted(CI)), help="Write the jobs for this service.")
@click.option(
    "--library",
    metavar="FLAKE",
    default="",
    help="Take the Nix library from this flake, as one of hop3-nix, and not from a copy.",
)
@pkgs_option
@click.option("--force", is_flag=True, help="Replace files that are there.")
def init(
    *, app: Path, flake: bool, ci: str | None, library: str, pkgs: str | None, force: bool
) -> None:
    """Write a hop3.toml for APP (by default, this directory), or what builds it with Nix alone.

    \b
      hop3-nix init                write hop3.toml from a Dockerfile, fly.toml, app.json and other
                                   platforms' files; docs/other-platforms.md
      hop3-nix init --flake        write flake.nix, flake.lock, hop3.nix and hop3-nix/
      git add flake.nix flake.lock hop3.nix hop3-nix
      nix run                      run the app on port 8000
      nix flake check              start it in a sandbox and ask it for its health page
      nix build .#image            make an OCI image
      nix develop                  a shell with its interpreter and its locked packages
      hop3-nix init --ci github    have every push built and tested, and main deployed; docs/ci.md

    Whoever has the app's repository can do that without hop3-nix, a CI job for one. When the
    Procfile, hop3.toml or the lockfile changes, write the expression again:

    \b
      hop3-nix render -o hop3.nix

    Files that are there are left alone, and nothing is written then.
    """
    files = _flake(app, library, pkgs) if flake else {}
    options = ["--flake"] if flake else []
    if not flake and ci is None:
        files[CONFIG_FILE] = _configuration(app)
    if ci is not None:
        load_config(Source.open(app))
        files[CI[ci]] = (TEMPLATES / "ci" / f"{ci}.yml").read_text(encoding="utf-8")
        options.append(f"--ci {ci}")
    _write(app, files, options, force=force, library=flake and not library)
    if CONFIG_FILE in files:
        say(f"Read it, then ask what is missing: hop3-nix check {app}")
    elif flake:
        say("In a git repository, Nix sees tracked files alone: git add them.")
    elif not (app / EXPRESSION).is_file():
        say(f"It builds {EXPRESSION}, which is not there yet: hop3-nix render -o {EXPRESSION}")


def _configuration(app: Path) -> str:
    """Return a hop3.toml of what other platforms' files say of ``app``."""
    source = Source.open(app)
    files, findings = read_platforms(source)
    if not files:
        raise InputError(
            f"there is no file of another platform here to write {CONFIG_FILE} from "
            f"(looked for: {', '.join(LOOKED_FOR)})",
            file=str(app),
            tip="An application may need none: hop3-nix check says what is missing. For other "
            "files, say which: --flake or --ci SERVICE",
        )
    name = source.find_config(PROCFILE)
    procfile = parse_procfile(source.read_text(name), name) if name else None
    return as_hop3_toml(files, findings, procfile)


def _flake(app: Path, library: str, pkgs: str | None) -> dict[str, str]:
    """Return the flake of ``app`` and the expression that it takes, by the names of the files."""
    with reporting() as progress:
        files = {EXPRESSION: render_app(app, BuildOptions(pkgs=pkgs), progress).text}
    config = load_config(Source.open(app))
    files[FLAKE] = render_flake(
        description=config.description or f"{config.name}, built by hop3-nix",
        nixpkgs=reference(),
        systems=[current_system()],
        library=library,
    )
    if not library:
        files[FLAKE_LOCK] = lock_text()
    return files


def _write(
    app: Path, files: Mapping[str, str], options: Sequence[str], *, force: bool, library: bool
) -> None:
    there = [name for name, text in sorted(files.items()) if _differs(app / name, text)]
    if there and not force:
        raise InputError(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already",
            file=str(app),
            tip=f"Move {'it' if len(there) == 1 else 'them'} away, or replace: "
            f"hop3-nix init {' '.join(options)} --force",
        )
    if library:
        write_library(app / LIBRARY)
    for name, text in files.items():
        write_text_atomic(app / name, text)
    names = [*files, *([f"{LIBRARY}/"] if library else [])]
    say(f"wrote {', '.join(sorted(names))} in {app}")


def _differs(path: Path, text: str) -> bool:
    """Return whether something else is at ``path``, which is then somebody's work."""
    if not path.is_file():
        return path.exists() or path.is_symlink()
    return path.read_text(encoding="utf-8", errors="replace") != text
