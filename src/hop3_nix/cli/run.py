"""``hop3-nix run`` and ``hop3-nix exec``: start what was built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hop3_nix.cli.apps import parse_counts
from hop3_nix.cli.options import trust_option
from hop3_nix.deploy.artifact import locate
from hop3_nix.deploy.envfile import read_overrides
from hop3_nix.deploy.exec import exec_command, exec_worker, split_command
from hop3_nix.deploy.run import GRACE, RunOptions
from hop3_nix.deploy.run import run as run_workers

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = click.Path(path_type=Path, dir_okay=False)
DIRECTORY = click.Path(path_type=Path, file_okay=False)


def environment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that change what the workers find around them."""
    for option in (
        trust_option,
        click.option("--state-dir", type=DIRECTORY, help="Where the app may write."),
        click.option(
            "--env-file",
            "env_files",
            type=FILE,
            multiple=True,
            help="Read NAME=VALUE lines from a file that only you can read (mode 0600).",
        ),
        click.option("--env", "env", metavar="NAME=VALUE", multiple=True, help="Set a variable."),
    ):
        command = option(command)
    return command


@click.command(short_help="Run all workers of an artifact in the foreground.")
@click.argument("artifact", default=".")
@click.option("--only", metavar="WORKER[,WORKER]", help="Start these workers alone.")
@click.option(
    "--scale", metavar="WORKER=N", multiple=True, help="Start N instances of a worker; repeatable."
)
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=GRACE,
    show_default=True,
    help="Seconds that a worker has to end before it is killed.",
)
@environment_options
def run(
    *,
    artifact: str,
    only: str | None,
    scale: tuple[str, ...],
    grace: float,
    env: tuple[str, ...],
    env_files: tuple[Path, ...],
    state_dir: Path | None,
    trusted: bool,
) -> int:
    """Run all workers of ARTIFACT (by default, of the app in this directory).

    Their output gets their name in front of it. Ctrl-C, or SIGTERM, ends them all; when one of
    them ends, so do the others.

    \b
      hop3-nix run                        the app here, as it was last built
      hop3-nix run ./result --only web    one worker of what a link points to
      PORT=8080 hop3-nix run --scale web=2
    """
    options = RunOptions(
        only=tuple(filter(None, (only or "").split(","))),
        scale=parse_counts(scale, "--scale"),
        overrides=read_overrides(env, env_files),
        state_dir=state_dir,
        grace=grace,
    )
    return run_workers(locate(artifact, trusted=trusted), options)


class ExecCommand(click.Command):
    """Keeps what stands behind ``--`` from click, whose parser drops the dashes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command behind ``--`` into the context and parse the rest."""
        words, ctx.obj = split_command(args)
        return super().parse_args(ctx, words)


@click.command(name="exec", cls=ExecCommand, short_help="Become one worker of an artifact.")
@environment_options
@click.argument("words", metavar="WORKER [ARTIFACT]", nargs=-1)
@click.pass_obj
def exec_(
    command: list[str],
    *,
    words: tuple[str, ...],
    env: tuple[str, ...],
    env_files: tuple[Path, ...],
    state_dir: Path | None,
    trusted: bool,
) -> None:
    """Become one worker of an artifact, or any command in the workers' environment.

    \b
      hop3-nix exec WORKER [ARTIFACT]
      hop3-nix exec [ARTIFACT] -- COMMAND [ARGUMENT...]

    The process is replaced: signals reach the worker, and its exit status is the command's.
    """
    overrides = read_overrides(env, env_files)
    if command:
        _at_most(1, words, "[ARTIFACT] -- COMMAND")
        exec_command(command, *words, overrides=overrides, state_dir=state_dir, trusted=trusted)
    if not words:
        raise click.UsageError("Name the WORKER to become.")
    _at_most(2, words, "WORKER [ARTIFACT]")
    exec_worker(*words, overrides=overrides, state_dir=state_dir, trusted=trusted)


def _at_most(number: int, words: tuple[str, ...], usage: str) -> None:
    if len(words) > number:
        raise click.UsageError(f"Too many arguments: {' '.join(words)}. Usage: exec {usage}")
