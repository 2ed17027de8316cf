"""``hop3-nix config``: the variables that an app is started with."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from hop3_nix.cli.apps import json_option, known_app, name_option, open_host, root_options
from hop3_nix.cli.console import echo, report
from hop3_nix.cli.deploy import show_outcome
from hop3_nix.cli.hosts import HostCommand
from hop3_nix.cli.run import FILE
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

HIDDEN = "********"
"""What stands in place of a value; it says nothing of its length."""

later_option = click.option(
    "--no-restart", is_flag=True, help="Keep them for the next release instead."
)


@click.group(short_help="Set, unset and list the variables of an app.")
def config() -> None:
    """Set, unset and list the variables that a deployed app is started with.

    \b
      hop3-nix config set --name shop SECRET_KEY          asks for the value
      pass show shop | hop3-nix config set --name shop SECRET_KEY -
      hop3-nix config set --name shop WORKERS=4
      hop3-nix config set --name shop --env-file shop.env
      hop3-nix config unset --name shop WORKERS
      hop3-nix config list --name shop

    They are kept in a file that only its owner can read, and never in the store. A change
    restarts the app with the same artifact; if it does not come up, they stay as they were.
    """


def _with_values(
    ctx: click.Context, _parameter: click.Parameter, words: tuple[str, ...]
) -> tuple[str, ...]:
    """Return each of ``words`` as NAME=VALUE; the value of a NAME alone is asked for."""
    from hop3_nix.workers.environment import NAME  # noqa: PLC0415 - --help does without

    if ctx.resilient_parsing:
        return words
    pairs: list[str] = []
    for position, word in enumerate(words):
        name, equals, _ = word.partition("=")
        if word == "-" and position and "=" not in words[position - 1]:
            continue
        if not NAME.fullmatch(name):
            raise InputError(
                f"{word}: neither NAME=VALUE nor NAME", tip="Example: hop3-nix config set DEBUG=1"
            )
        piped = words[position + 1 : position + 2] == ("-",) or not sys.stdin.isatty()
        if not equals:
            word = f"{name}={_piped(name) if piped else _asked(name)}"  # noqa: PLW2901 - the same
        pairs.append(word)
    return tuple(pairs)


def _asked(name: str) -> str:
    value: str = click.prompt(f"Value of {name}", hide_input=True, err=True)
    return value


def _piped(name: str) -> str:
    """Return what comes on standard input, without the line end that ends it."""
    value = sys.stdin.read().removesuffix("\n")
    if not value:
        raise InputError(
            f"nothing came on standard input for the value of {name}",
            tip=f"Pipe it there, call this on a terminal, or set it to nothing: {name}=",
        )
    return value


@config.command(name="set", cls=HostCommand)
@click.argument("pairs", nargs=-1, metavar="[NAME[=VALUE]...]", callback=_with_values)
@click.option(
    "--env-file",
    "env_files",
    type=FILE,
    multiple=True,
    help="Read NAME=VALUE lines from a file that only you can read (mode 0600).",
)
@click.option("--name", default="", help="The app, which need not be deployed yet.")
@later_option
@root_options
@json_option
def set_(
    *,
    pairs: tuple[str, ...],
    env_files: tuple[Path, ...],
    name: str,
    no_restart: bool,
    root: Path | None,
    manager: str | None,
    as_json: bool,
) -> None:
    """Set variables, and restart the app with them.

    The value of a NAME alone is asked for, or read from standard input if that is no terminal, or
    if a - follows. What stands on a command line can be seen by every user of this machine while
    it runs, and is kept by the shell: give secrets like this, or by --env-file.
    """
    from hop3_nix.deploy.envfile import read_overrides  # noqa: PLC0415 - --help does without

    values = read_overrides(pairs, env_files)
    if not values:
        raise click.UsageError("Give NAME=VALUE, NAME, or --env-file FILE.")
    _change(values, (), name, root, manager, now=not no_restart, as_json=as_json, new=bool(name))


@config.command(cls=HostCommand)
@click.argument("variables", nargs=-1, required=True, metavar="NAME...")
@name_option
@later_option
@root_options
@json_option
def unset(
    *,
    variables: tuple[str, ...],
    name: str,
    no_restart: bool,
    root: Path | None,
    manager: str | None,
    as_json: bool,
) -> None:
    """Unset variables, and restart the app without them."""
    _change({}, variables, name, root, manager, now=not no_restart, as_json=as_json)


@config.command(name="list", cls=HostCommand)
@name_option
@click.option("--names", is_flag=True, help="Without the values.")
@click.option("--show", is_flag=True, help="With the values, which may be secrets.")
@root_options
@json_option
def list_(
    *, name: str, names: bool, show: bool, root: Path | None, manager: str | None, as_json: bool
) -> None:
    """List the variables that the next release is started with.

    The values stay hidden unless --show is given.
    """
    from hop3_nix.deploy.configuration import read_environment  # noqa: PLC0415 - --help does without

    values = read_environment(known_app(open_host(root, manager), name).environment)
    if as_json:
        shown = values if show else dict.fromkeys(values)
        echo(json.dumps(sorted(values) if names else shown, indent=2, sort_keys=True))
        return
    for variable, value in sorted(values.items()):
        echo(variable if names else f"{variable}={value if show else HIDDEN}")


def _change(
    values: Mapping[str, str],
    unset_: Collection[str],
    name: str,
    root: Path | None,
    manager: str | None,
    *,
    now: bool,
    as_json: bool,
    new: bool = False,
) -> None:
    from hop3_nix.deploy.releases.changes import configure  # noqa: PLC0415 - --help does without

    host = open_host(root, manager)
    app = name if new else known_app(host, name).name
    outcome = configure(host, app, values, unset_, report, now=now)
    if outcome is not None:
        show_outcome(outcome, as_json=as_json)
    elif as_json:
        echo(json.dumps({"app": app, "release": None}))
    else:
        echo(f"kept for the next release of {app}")
