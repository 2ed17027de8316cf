"""The release that a change asks for, after all that can be told before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from hop3_nix.deploy.kinds import split_schedule
from hop3_nix.deploy.releases import checks, generations, ports
from hop3_nix.deploy.releases.record import WEB, Instance, Release, next_number, now
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hop3_nix.deploy.artifact import Located
    from hop3_nix.deploy.releases.settings import Settings
    from hop3_nix.deploy.releases.stage import Stage


@dataclass(frozen=True)
class Change:
    """What the next release is to be."""

    located: Located
    settings: Settings
    environment: Mapping[str, str]
    reason: str
    afresh: bool = True
    """Whether ``before_run`` is run and the writable tree copied; not for the same artifact."""
    contents: bool = False
    signatures: bool = False
    origin: str | None = None
    """Where the artifact was built, "" if that is not known; None for one that was deployed."""


def plan(stage: Stage, old: Release | None, change: Change) -> Release:
    """Return the release in place of ``old``, but for what it gets when it begins.

    That is its generation, and ports that are free then. Raises what `checks` raises, and what
    the service manager and the proxy can say already; nothing has been touched.
    """
    located, settings = change.located, change.settings
    runtime = located.artifact.runtime
    checks.check_artifact(stage, located, contents=change.contents, signatures=change.signatures)
    generations.check(located.location)
    checks.check_required(stage.app, checks.required_by(located), change.environment)
    checks.check_workers(runtime.workers, settings)
    checks.check_user(stage, settings, old)
    if checks.serves(runtime.workers, settings):
        settings = checks.with_addresses(stage, settings, old)
    release = _release(stage, old, change, settings)
    processes = stage.processes(release)
    stage.services.check(processes.everything(), change.environment)
    if site := processes.site():
        stage.proxy.check(site)
    return release


def instances_of(located: Located, settings: Settings, free: Iterable[int]) -> tuple[Instance, ...]:
    """Return the instances that ``settings`` ask for, with ports of ``free``."""
    return tuple(_instances(located, settings, iter(free)))


def _release(stage: Stage, old: Release | None, change: Change, settings: Settings) -> Release:
    artifact, number = change.located.artifact, next_number(stage.place)
    same_tree = old.tree if old and not change.afresh else None
    return Release(
        app=stage.app,
        number=number,
        reason=change.reason,
        created=now(),
        replaces=old.number if old else None,
        artifact=artifact,
        generation=None,
        settings=settings,
        variables=tuple(sorted(change.environment)),
        tree=(same_tree or number) if artifact.runtime.writable_tree else None,
        instances=instances_of(change.located, settings, count(ports.FIRST)),
    )


def _instances(located: Located, settings: Settings, free: Iterator[int]) -> Iterator[Instance]:
    workers = located.artifact.runtime.workers
    for worker in sorted(workers, key=lambda name: (name != WEB, name)):
        match kind_of(worker):
            case "cron":
                if settings.scale.get(worker, 1):
                    schedule = split_schedule(worker, workers[worker])[0]
                    yield Instance(worker=worker, schedule=schedule)
            case "process":
                for number in range(1, settings.scale.get(worker, 1) + 1):
                    fixed = worker == WEB and not settings.proxy
                    port = settings.web_port() if fixed else next(free)
                    yield Instance(worker=worker, number=number, port=port)
            case "static":
                continue
