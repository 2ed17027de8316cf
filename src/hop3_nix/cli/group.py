"""The group of all commands; each command's module is imported when it is called."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
from typing import TYPE_CHECKING, Final

import click

from hop3_nix import __version__
from hop3_nix.cli.console import report, show_error, show_usage
from hop3_nix.errors import ExitCode, Hop3NixError
from hop3_nix.host.interrupts import ended_by_signals
from hop3_nix.host.state import cannot_write

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "Build and run": {
        "build": ("build", "Build an app into an artifact that says how to run itself."),
        "run": ("run", "Run all workers of an artifact in the foreground."),
        "exec": ("run", "Become one worker of an artifact."),
        "inspect": ("inspect", "Show what an artifact is and how it runs."),
        "plan": ("plan", "Show what would be built, and why."),
        "check": ("plan", "Say all that is wrong with an app, without building it."),
        "verify": (
            "verify",
            "Build apps twice, compare, and start each alone.",
        ),
        "lock": ("build", "Write hop3-nix.lock, which pins what has no hashes yet."),
    },
    "Deploy": {
        "deploy": ("deploy", "Make a release; if it does not come up, the old one goes on."),
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
    },
    "Share what was built": {
        "image": ("image", "Write an OCI image of an app to a file."),
        "push": ("remote", "Copy an artifact to a binary cache or another store."),
        "pull": ("remote", "Copy an artifact from a binary cache or another store."),
        "keys": ("remote", "Make keys for signatures, and say which are trusted."),
    },
    "Have Nix alone build it": {
        "init": ("init", "Write a hop3.toml, a flake, or the jobs of a CI service."),
        "render": ("render", "Write the Nix expression of an app, or check that it is current."),
        "eject": ("render", "Write the expression and its library into the app, to be edited."),
    },
    "Set up": {
        "packages": ("packages", "Prepare or show the package set."),
        "completion": ("completion", "Print the completion script of a shell."),
    },
}
"""The overview: name to (module of this package, one line), what a newcomer needs first."""

COMMANDS: Final = {name: known for section in SECTIONS.values() for name, known in section.items()}
"""The same without the sections."""

CALLED_BY_SSH: Final = {"host-side": ("hostside", "")}
"""The same for what no person types."""

_CANNOT_WRITE: Final = frozenset(
    (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EISDIR,
        errno.ENOTDIR,
    )
)


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports a command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the overview."""
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that ``args`` begin with; of an unknown one, say which is near."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if not near:
                raise
            message = f"{error.message} Did you mean {near[0]!r}?"
            raise click.UsageError(message, error.ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        width = max(map(len, COMMANDS))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                rows = [(name.ljust(width), summary) for name, (_, summary) in commands.items()]
                formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Build an application from its source into an artifact that runs anywhere Nix does.

    \b
    To begin with, in the directory of an app:
      hop3-nix build
      hop3-nix run
      hop3-nix deploy

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
        show_usage(error)
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
