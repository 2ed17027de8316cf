"""``--host``: commands that do their work on other machines, reached by ssh."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from hop3_nix.cli.console import echo

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from hop3_nix.deploy.artifact import Located
    from hop3_nix.deploy.remote.address import Address
    from hop3_nix.deploy.remote.fleet import Output

PARALLEL: Final = 8

GIVEN: Final = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)

HOST = click.option(
    "--host",
    "hosts",
    metavar="ssh://USER@HOST",
    multiple=True,
    help="Do it on that machine and not here; repeatable.",
)
OPTIONS: Final = (
    click.option(
        "--parallel",
        type=click.IntRange(min=1),
        default=PARALLEL,
        show_default=True,
        help="Work on so many hosts at once.",
    ),
    click.option(
        "--remote-program",
        metavar="PATH",
        default="",
        help="hop3-nix on the hosts; one in the Nix store is copied there.",
    ),
)
DEPLOY_OPTIONS: Final = (
    click.option("--atomic", is_flag=True, help="If one host fails, have all go back."),
    click.option(
        "--sign",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help="Sign what is copied to the hosts with the secret key in this file.",
    ),
)


@dataclass(frozen=True)
class HostOptions:
    """The hosts that a command is for; false if there are none, and it is for this machine."""

    hosts: tuple[str, ...] = ()
    parallel: int = PARALLEL
    program: str = ""
    atomic: bool = False
    sign: Path | None = None

    def __bool__(self) -> bool:
        """Return whether there are hosts."""
        return bool(self.hosts)


class HostCommand(click.Command):
    """A command that ``--host`` has run elsewhere, as it was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holder = _parameters_of(HOST, *OPTIONS)
        self.params.extend(holder)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command here, or on the hosts that were named."""
        hosts = _take(ctx.params)
        if not hosts:
            return super().invoke(ctx)
        return _run_elsewhere(hosts, ctx)


def host_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for deploying to hosts; the command gets them as ``hosts``."""

    @wraps(command)
    def call(*args: Any, **values: Any) -> Any:
        hosts = _take(values)
        for name in () if hosts else ("atomic", "sign"):
            if getattr(hosts, name):
                raise click.UsageError(f"--{name} is about hosts: give --host as well.")
        return command(*args, hosts=hosts, **values)

    for option in (*reversed(DEPLOY_OPTIONS), *reversed(OPTIONS), HOST):
        call = option(call)
    return call


def deploy_to_hosts(
    hosts: HostOptions,
    located: Located,
    *,
    name: str,
    environment: Mapping[str, str],
    local: Collection[str],
) -> int:
    """Deploy to ``hosts`` with the options of the current command, and return the exit status.

    ``local`` are the parameters that mean nothing there; ``name`` and ``environment`` are given
    in place of theirs.
    """
    from hop3_nix.deploy.releases.layout import name_from  # noqa: PLC0415 - --help does without
    from hop3_nix.deploy.remote import deployment  # noqa: PLC0415 - likewise
    from hop3_nix.deploy.remote import program as programs  # noqa: PLC0415 - likewise
    from hop3_nix.deploy.remote.order import Order  # noqa: PLC0415 - likewise

    ctx = click.get_current_context()
    order = Order(
        app=name or name_from(located.artifact.app_name),
        location=located.location,
        program=programs.choose(hosts.program),
        options=(*_origin(located, name), *arguments_of(ctx, leave_out={*local, "name"})),
        environment=environment,
        root=str(ctx.params.get("root") or ""),
        key=hosts.sign,
        signatures=bool(ctx.params.get("require_signatures")),
    )
    addresses = _addresses(hosts)
    return deployment.deploy(
        order,
        addresses,
        parallel=hosts.parallel,
        atomic=hosts.atomic,
        output=_output(addresses, ctx),
    )


def _origin(located: Located, name: str) -> tuple[str, ...]:
    """Return what tells the hosts where an app comes from that goes by its own name."""
    here = f"{socket.gethostname()}:{located.app_root or located.location}"
    return () if name else (f"--origin={here}",)


def arguments_of(ctx: click.Context, leave_out: Collection[str] = ()) -> list[str]:
    """Return the options and arguments that were given, but for those about hosts."""
    ours = {option.name for option in _parameters_of(HOST, *OPTIONS, *DEPLOY_OPTIONS)}
    options: list[str] = []
    words: list[str] = []
    for parameter in ctx.command.params:
        name = parameter.name or ""
        if name in ours or name in leave_out or ctx.get_parameter_source(name) not in GIVEN:
            continue
        value = ctx.params[name]
        if isinstance(parameter, click.Option):
            options += _typed(parameter, value)
        else:
            words += map(str, value if parameter.nargs != 1 else (value,))
    return [*options, *(["--", *words] if words else [])]


def _typed(option: click.Option, value: Any) -> list[str]:
    """Return ``option`` as it was typed to give it ``value``."""
    if option.is_flag:
        names = option.opts if value else option.secondary_opts
        return [names[-1]]
    values = value if option.multiple else (value,)
    return [
        word
        for one in values
        for word in (option.opts[-1], *map(str, one if option.nargs != 1 else (one,)))
    ]


def _take(values: dict[str, Any]) -> HostOptions:
    """Take the options about hosts out of ``values``."""
    return HostOptions(
        hosts=values.pop("hosts"),
        parallel=values.pop("parallel"),
        program=values.pop("remote_program"),
        atomic=values.pop("atomic", False),
        sign=values.pop("sign", None),
    )


def _parameters_of(*options: Callable[..., Any]) -> list[click.Parameter]:
    @click.command()
    def nothing() -> None:
        pass

    holder = nothing
    for option in reversed(options):
        holder = option(holder)
    return holder.params


def _run_elsewhere(hosts: HostOptions, ctx: click.Context) -> int:
    from hop3_nix.deploy.envfile import read_overrides  # noqa: PLC0415 - --help does without
    from hop3_nix.deploy.remote import program as programs  # noqa: PLC0415 - likewise
    from hop3_nix.deploy.remote.elsewhere import run_elsewhere  # noqa: PLC0415 - likewise
    from hop3_nix.deploy.remote.request import Request  # noqa: PLC0415 - likewise

    environment = read_overrides((), ctx.params.get("env_files", ()))
    words = [*ctx.command_path.split()[1:], *arguments_of(ctx, leave_out={"env_files"})]
    addresses = _addresses(hosts)
    return run_elsewhere(
        addresses,
        Request.of(words, environment),
        program=programs.choose(hosts.program),
        parallel=hosts.parallel,
        output=_output(addresses, ctx),
    )


def _addresses(hosts: HostOptions) -> tuple[Address, ...]:
    from hop3_nix.deploy.remote.address import read_addresses  # noqa: PLC0415 - likewise

    return read_addresses(hosts.hosts)


def _output(addresses: tuple[Address, ...], ctx: click.Context) -> Output:
    from hop3_nix.deploy.remote.fleet import Output  # noqa: PLC0415 - likewise

    return Output(addresses, _echo, as_json=bool(ctx.params.get("as_json")))


def _echo(text: str, error: bool) -> None:  # noqa: FBT001 - one of two streams
    echo(text, error=error)
