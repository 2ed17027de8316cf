"""The group of all commands; each command's module is imported when it is called."""

from __future__ import annotations

import errno
import importlib
import os
from typing import Final

import click

from hop3_nix import __version__
from hop3_nix.cli.console import report, show_error
from hop3_nix.errors import ExitCode, Hop3NixError
from hop3_nix.interrupts import ended_by_signals
from hop3_nix.state import cannot_write

COMMANDS: Final = {
    "build": ("build", "Build an app into an artifact that says how to run itself."),
    "lock": ("build", "Write hop3-nix.lock: hashes for what the app's lockfile has none for."),
    "plan": ("plan", "Show what would be built, and why."),
    "render": ("render", "Write the Nix expression of an app, or check that it is current."),
    "eject": ("render", "Write the expression and its library into the app, to be edited."),
    "image": ("image", "Write an OCI image of an app to a file."),
    "init": ("init", "Write a flake for an app."),
    "run": ("run", "Run all workers of an artifact in the foreground."),
    "exec": ("run", "Become one worker of an artifact."),
    "inspect": ("inspect", "Show what an artifact is and how it runs."),
    "deploy": ("deploy", "Make a release that comes up healthy, or leave the old one serving."),
    "status": ("releases", "Show what runs."),
    "logs": ("services", "Show what the workers print."),
    "releases": ("releases", "List the releases of an app."),
    "rollback": ("releases", "Go back to the artifact of an earlier release."),
    "config": ("config", "Set, unset and list the variables of an app."),
    "scale": ("services", "Change how many instances of a worker there are."),
    "restart": ("services", "Start an app afresh, without dropping requests."),
    "stop": ("services", "Stop an app until it is started again."),
    "start": ("services", "Start what does not run of an app."),
    "gc": ("releases", "Take old releases away."),
    "destroy": ("services", "Take an app away."),
    "push": ("remote", "Copy an artifact to a binary cache or another store."),
    "pull": ("remote", "Copy an artifact from a binary cache or another store."),
    "keys": ("remote", "Make keys for signatures, and say which are trusted."),
    "packages": ("packages", "Prepare or show the package set."),
    "completion": ("completion", "Print the completion script of a shell."),
}
"""Name to (module of this package, one line for the overview)."""

CALLED_BY_SSH: Final = {"host-side": ("hostside", "")}
"""The same for what no person types."""

_CANNOT_WRITE: Final = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
)


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports a command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of a project's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, importing its module."""
        known = {**COMMANDS, **CALLED_BY_SSH}
        if cmd_name not in known:
            return None
        module = importlib.import_module(f"hop3_nix.cli.{known[cmd_name][0]}")
        return next(
            value
            for value in vars(module).values()
            if isinstance(value, click.Command) and value.name == cmd_name
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Build an application from its source into an artifact that runs anywhere Nix does.

    \b
    A first build, and a look at what came out:
      hop3-nix build .
      hop3-nix inspect .
      hop3-nix run .

    An APP is a directory with a Procfile, a hop3.toml or a lockfile. An ARTIFACT is a store
    path, a link to one, a directory with BUILD_ARTIFACT.json, or the directory of an app that
    was built. Exit codes are listed in docs/exit-codes.md.
    """


def run(arguments: list[str]) -> int:
    """Run one command and return the exit code; errors of ours are printed with their tip."""
    try:
        with ended_by_signals():
            status = cli.main(arguments, prog_name="hop3-nix", standalone_mode=False)
    except Hop3NixError as error:
        show_error(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        report("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # What reads our output has gone; nothing more can be said, and Python must not try.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return ExitCode.OK
    except Exception as error:  # noqa: BLE001 - the last place that can say what to do with it
        shown = _unforeseen(error)
        show_error(shown)
        return shown.exit_code
    return status if isinstance(status, int) else ExitCode.OK


def _unforeseen(error: Exception) -> Hop3NixError:
    """Return what to tell of an error that is not one of ours, printing a defect's traceback."""
    if isinstance(error, OSError) and error.errno in _CANNOT_WRITE:
        return cannot_write(error)
    import traceback  # noqa: PLC0415 - for a defect alone

    traceback.print_exception(error)
    return Hop3NixError(
        f"this should not have happened: {type(error).__name__}: {error}",
        tip="It is a defect of hop3-nix. Report it, with all that is printed above.",
    )
