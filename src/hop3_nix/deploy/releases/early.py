"""What can be told against a deployment before anything is built for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hop3_nix.deploy.configuration import checked, read_environment
from hop3_nix.deploy.kinds import split_schedule
from hop3_nix.deploy.releases import checks
from hop3_nix.deploy.releases.layout import checked_name, name_from
from hop3_nix.deploy.releases.record import current_release
from hop3_nix.deploy.releases.settings import Settings
from hop3_nix.deploy.releases.stage import Stage
from hop3_nix.deploy.services.base import Service
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.options import DeployOptions


@dataclass(frozen=True)
class Planned:
    """What is known of an application that is not built yet."""

    name: str
    workers: Mapping[str, str]
    required: Collection[str]
    """The variables that need a value at run time."""
    known: Collection[str]
    """Those that the application itself gives a value."""


def check_options(options: DeployOptions) -> None:
    """Raise InputError for what is wrong whatever the application is."""
    if options.name:
        checked_name(options.name)
    Settings().changed(options)
    checked(options.environment)


def check_planned(
    host: Host, planned: Planned, options: DeployOptions, say: Callable[[str], None]
) -> None:
    """Raise what the release of ``planned`` would be refused for, as `deploy` does."""
    stage = Stage(host, host.layout.app(options.name or name_from(planned.name)), say)
    old = current_release(stage.place)
    settings = (old.settings if old else Settings()).changed(options)
    environment = read_environment(stage.place.environment) | checked(options.environment)
    missing = [name for name in planned.required if name not in planned.known]
    checks.check_required(stage.app, missing, environment)
    checks.check_addressed(planned.workers, options)
    checks.check_workers(planned.workers, settings)
    checks.check_user(stage, settings, old)
    if checks.serves(planned.workers, settings):
        checks.with_addresses(stage, settings, old)
    stage.services.check(tuple(_services(stage, planned, settings)), environment)


def _services(stage: Stage, planned: Planned, settings: Settings) -> Iterator[Service]:
    """Yield what its services are, but for their programs."""
    for worker, command in planned.workers.items():
        if kind_of(worker) != "static" and settings.scale.get(worker, 1):
            yield Service(
                app=stage.app,
                name=f"hop3-{stage.app}-r0-{worker}-1",
                description=f"{stage.app} {worker}",
                argv=("/bin/sh", "-c", command),
                env={},
                directory="/",
                state=stage.services.state_directory(stage.app),
                user=settings.user,
                schedule=split_schedule(worker, command)[0],
                limits=settings.limits,
            )
