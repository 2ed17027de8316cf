"""``hop3-nix deploy``: a release that comes up healthy, or the one before it goes on."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hop3_nix.cli.apps import json_option, open_host, parse_counts, root_options
from hop3_nix.cli.console import echo, report
from hop3_nix.cli.hosts import HostOptions, deploy_to_hosts, host_options
from hop3_nix.cli.options import build_options, trust_option
from hop3_nix.cli.run import FILE
from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.building.unchanged import BuilderChoice, BuildOptions
    from hop3_nix.deploy.artifact import Located
    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.options import DeployOptions
    from hop3_nix.deploy.releases.outcome import Outcome
    from hop3_nix.plan import BuildPlan

LOCAL = ("app", "origin", "builder", "pkgs", "no_build", "env", "env_files")
"""Parameters that are dealt with here, whichever host the app goes to."""


def release_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how the release runs; each stays for the releases after it."""
    seconds = click.FloatRange(min=0)
    options = (
        click.option(
            "--listen",
            metavar="[ADDRESS:]PORT",
            multiple=True,
            help="Where clients reach it; repeatable. Default: 80 with --domain (8080 if not "
            "root), else the first free one from 8000.",
        ),
        click.option(
            "--domain",
            "names",
            metavar="HOST",
            multiple=True,
            help="Serve it for this host name; repeatable. '' takes them away.",
        ),
        click.option(
            "--scale", metavar="WORKER=N", multiple=True, help="Instances of a worker; repeatable."
        ),
        click.option(
            "--proxy/--no-proxy",
            default=None,
            help="Serve it by nginx (default), or by the app itself on --listen: then a release "
            "stops before the next one starts.",
        ),
        click.option(
            "--ports",
            metavar="PORT[-PORT]",
            multiple=True,
            help="Ports that its processes may listen on beside $PORT; repeatable. 'any' for all, "
            "'' for none.",
        ),
        click.option(
            "--tls-cert", metavar="FILE", help="Speak TLS: certificate and chain (PEM); '' not to."
        ),
        click.option("--tls-key", metavar="FILE", help="The key of that certificate (PEM)."),
        click.option(
            "--proxy-limit",
            "proxy_limits",
            metavar="NAME=VALUE",
            multiple=True,
            help="body-size [100m], header-size [64k], answer-timeout [300], client-timeout [60].",
        ),
        click.option("--user", help="Run it as this user; default: what the manager chooses."),
        click.option(
            "--limit",
            "limits",
            metavar="NAME=VALUE",
            multiple=True,
            help="MemoryMax, CPUQuota, TasksMax, LimitNOFILE and the like, as systemd has them.",
        ),
        click.option(
            "--health-path", metavar="PATH", help="GET this on every web instance; '' for none."
        ),
        click.option(
            "--health-status", metavar="N[-M]", help="What it has to answer with [200-399]."
        ),
        click.option(
            "--health-timeout",
            type=seconds,
            metavar="SECONDS",
            help="Time to become healthy [the artifact's].",
        ),
        click.option(
            "--stays-up",
            type=seconds,
            metavar="SECONDS",
            help="Time that the other workers have to stay up [2].",
        ),
        click.option(
            "--before-run-timeout",
            type=seconds,
            metavar="SECONDS",
            help="Time for each before_run command [600].",
        ),
        click.option(
            "--stop-timeout",
            type=seconds,
            metavar="SECONDS",
            help="Time from SIGTERM to SIGKILL [30].",
        ),
        click.option(
            "--drain",
            type=seconds,
            metavar="SECONDS",
            help="Time that requests under way have before the old release is stopped [30].",
        ),
        click.option(
            "--warm",
            type=seconds,
            metavar="SECONDS",
            help="Time in which the old release takes over again if the new one fails [10].",
        ),
        click.option(
            "--job-timeout",
            type=seconds,
            metavar="SECONDS",
            help="Time that a scheduled command of the old release has to end, if it runs [300].",
        ),
        click.option(
            "--keep",
            type=click.IntRange(min=1),
            metavar="N",
            help="Artifacts kept for rollback [3].",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(short_help="Make a release; if it does not come up, the old one goes on.")
@build_options
@click.option("--name", default="", help="What the app is called here [its own name].")
@click.option(
    "--take-over",
    is_flag=True,
    help="Let it take the place of an app NAME that was deployed from elsewhere.",
)
@click.option("--origin", default="", hidden=True)
@click.option("--no-build", is_flag=True, help="Take what was built last.")
@click.option("--env", metavar="NAME=VALUE", multiple=True, help="Set a variable from now on.")
@click.option(
    "--env-file",
    "env_files",
    type=FILE,
    multiple=True,
    help="Set NAME=VALUE lines of a file that only you can read (mode 0600).",
)
@trust_option
@click.option("--verify-contents", is_flag=True, help="Read every file of the closure first.")
@click.option(
    "--require-signatures", is_flag=True, help="Refuse store paths that no trusted key signed."
)
@release_options
@root_options
@host_options
@json_option
def deploy(
    *,
    app: Path,
    builder: BuilderChoice | None,
    pkgs: str | None,
    name: str,
    take_over: bool,
    origin: str,
    no_build: bool,
    trusted: bool,
    env: tuple[str, ...],
    env_files: tuple[Path, ...],
    root: Path | None,
    manager: str | None,
    hosts: HostOptions,
    as_json: bool,
    **options: Any,
) -> int | None:
    """Build APP, or take an ARTIFACT, and make it the next release of the app NAME here.

    \b
      hop3-nix deploy                               the app in this directory
      hop3-nix deploy ~/shop --domain shop.example.org --env-file shop.env
      hop3-nix deploy ./result --name shop --listen 8000 --health-path /up
      hop3-nix deploy --host ssh://root@shop.example.org

    The new release is started beside the old one, and takes over when it is healthy. If it does
    not come up, the old one goes on, and the exit status is 101 (102 if nothing runs). What is
    chosen here stays for the releases after this one. See docs/deploying.md.
    """
    from hop3_nix.building.unchanged import BuildOptions  # noqa: PLC0415 - likewise
    from hop3_nix.deploy.envfile import read_overrides  # noqa: PLC0415 - --help does without
    from hop3_nix.deploy.releases.deployment import deploy as make  # noqa: PLC0415 - likewise
    from hop3_nix.deploy.releases.early import check_options  # noqa: PLC0415 - likewise
    from hop3_nix.deploy.releases.options import DeployOptions  # noqa: PLC0415 - likewise

    environment = read_overrides(env, env_files)
    wanted = DeployOptions(
        name=name, origin=origin, take_over=take_over, environment=environment, **_options(options)
    )
    check_options(wanted)
    host = None if hosts else open_host(root, manager)
    secrets = (*env_files, *((hosts.sign,) if hosts.sign else ()))
    check = partial(_check_plan, host, wanted)
    building = BuildOptions(builder, pkgs)
    located = _located(app, building, secrets, check, build=not no_build, trusted=trusted)
    if host is None:
        return deploy_to_hosts(hosts, located, name=name, environment=environment, local=LOCAL)
    show_outcome(make(host, located, wanted, report), as_json=as_json)
    return None


def _check_plan(host: Host | None, wanted: DeployOptions, plan: BuildPlan) -> None:
    """Raise what the release would be refused for, before it is built."""
    from hop3_nix.deploy.releases import checks, early  # noqa: PLC0415 - --help does without

    runtime = plan.runtime
    planned = early.Planned(
        name=plan.app.name,
        workers=runtime.workers,
        required=runtime.required,
        known=[name for name, value in runtime.env.items() if value],
    )
    if host is None:
        checks.check_addressed(planned.workers, wanted)
    else:
        early.check_planned(host, planned, wanted, report)


def show_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print what a change has come to."""
    if as_json:
        echo(json.dumps(outcome.to_data()))
        return
    where = f" on {', '.join(outcome.listen)}" if outcome.listen else ""
    names = f" for {', '.join(outcome.names)}" if outcome.names else ""
    instead = f", in place of release {outcome.replaced}" if outcome.replaced else ""
    echo(
        f"release {outcome.release} of {outcome.app} serves{where}{names}{instead} "
        f"({outcome.seconds:.1f} s)"
    )


def _located(
    app: Path,
    options: BuildOptions,
    secrets: tuple[Path, ...],
    check: Callable[[BuildPlan], None],
    *,
    build: bool,
    trusted: bool,
) -> Located:
    """Return the artifact that is given, or that the app given is built into."""
    from hop3_nix.deploy.artifact import locate  # noqa: PLC0415 - --help does without
    from hop3_nix.deploy.place import find, told  # noqa: PLC0415 - likewise

    file, app_root = find(str(app))
    given = (file and not app_root) or (trusted and told(str(app)))
    if build and app.is_dir() and not given:
        from hop3_nix.building.pipeline import build_app  # noqa: PLC0415 - likewise
        from hop3_nix.cli.appfiles import keep_out  # noqa: PLC0415 - likewise
        from hop3_nix.cli.progress import reporting  # noqa: PLC0415 - likewise

        keep_out(app, secrets)
        with reporting() as shown:
            build_app(app, options, shown, check=check)
    return locate(app, trusted=trusted)


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the command line says as `DeployOptions` takes it."""
    from hop3_nix.deploy.releases.settings import parse_status  # noqa: PLC0415 - --help does without

    options = dict(given)
    for name in ("listen", "names", "ports"):
        options[name] = tuple(filter(None, given[name])) if given[name] else None
    options["scale"] = parse_counts(given["scale"], "--scale")
    options["limits"] = dict(_limit(text, "limit", "MemoryMax=512M") for text in given["limits"])
    options["proxy_limits"] = dict(
        _limit(text, "proxy-limit", "body-size=20m") for text in given["proxy_limits"]
    )
    for name in ("tls_cert", "tls_key"):
        options[name] = given[name] and str(Path(given[name]).absolute())
    if given["health_status"] is not None:
        options["health_status"] = parse_status(given["health_status"])
    return options


def _limit(text: str, option: str, example: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--{option} {text}: not NAME=VALUE", tip=f"Example: --{option} {example}")
    return name, value
