"""Bring a host to where exactly one release of an app runs, is enabled and is reached."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.health import Watch
from hop3_nix.deploy.page import text_of_page
from hop3_nix.deploy.questions import BELOW_500, Check
from hop3_nix.deploy.releases.record import WEB
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.deploy.releases.record import Instance, Release
    from hop3_nix.deploy.releases.stage import Stage

LOCALHOST: Final = "localhost"

EVERY: Final = 0.1
"""Seconds between two looks at a command that runs."""

SAID_AFTER: Final = 0.5
"""Seconds; who waits longer wants to know for what."""

RESTARTS: Final = 2
"""After so many starts of what has run before, nobody expects the next one to succeed."""


def converge(stage: Stage, release: Release, *, other: Release | None = None) -> None:
    """Have ``release`` run and nothing else of the app; ``other`` is what it takes over from.

    Everything is repeated that may have been done before. Raises ServiceError if the release does
    not come up; whatever else runs is then left alone, but for what stood in its way.
    """
    services, processes = stage.services, stage.processes(release)
    names = processes.names()
    site = processes.site()
    services.install(processes.services())
    if site is None:
        leave_proxy(stage, other)
    if in_place(stage, release, other):
        services.stop(_others(stage, names))
    services.start(names)
    watch(stage, release, restarts=RESTARTS).wait(checks_of(stage, release, release.instances))
    services.enable(stage.app, names)
    if site is not None:
        stage.proxy.apply(site)
    remove_others(stage, release, other)


def converge_to_nothing(stage: Stage) -> None:
    """Have nothing of the app run, be enabled, reached or known."""
    with suppress(UnavailableError):  # without a proxy, it serves nothing
        stage.proxy.remove(stage.app)
    stage.services.enable(stage.app, ())
    stage.services.remove(stage.services.installed(stage.app))
    stage.services.forget(stage.app)


def converge_to_stopped(stage: Stage, release: Release, *, other: Release | None = None) -> None:
    """Have ``release`` known, but not run, be enabled or reached."""
    services, processes = stage.services, stage.processes(release)
    services.install(processes.services())
    services.enable(stage.app, ())
    for one in (release, other):
        leave_proxy(stage, one)
    services.stop(processes.names())
    services.remove(_others(stage, processes.names()))


def remove_others(stage: Stage, release: Release, other: Release | None) -> None:
    """Stop and forget every service of the app but those of ``release``.

    What ``other`` is still answering by way of the proxy is waited for, and a command that it has
    started at its time.
    """
    others = _others(stage, stage.processes(release).names())
    if other is not None and other.number < release.number:
        wait_for_jobs(stage, release, other)
    if others and other is not None and stage.processes(other).site() is not None:
        stage.proxy.drain(other.ports, release.settings.drain)
    stage.services.remove(others)


def busy(stage: Stage, release: Release) -> list[Instance]:
    """Return what of ``release`` has a schedule and runs, and have none of these start anew."""
    scheduled = [one for one in release.background if one.schedule]
    processes = stage.processes(release)
    if not scheduled:
        return []
    stage.services.pause(processes.names(scheduled))
    return [one for one in scheduled if stage.services.processes(processes.name(one))]


def wait_for_jobs(stage: Stage, release: Release, other: Release) -> None:
    """Return when nothing runs that ``other`` has started at its time, or has taken too long."""
    seconds = release.settings.job_timeout
    end, told = time.monotonic() + seconds, False
    while running := busy(stage, other):
        labels = ", ".join(one.label for one in running)
        if time.monotonic() > end:
            stage.say(f"{labels} of release {other.number} did not end within {seconds:g} s")
            return
        if not told and time.monotonic() > end - seconds + SAID_AFTER:
            stage.say(f"{labels} of release {other.number} still runs: {seconds:g} s to end in")
            told = True
        time.sleep(EVERY)


def in_place(stage: Stage, release: Release, other: Release | None) -> bool:
    """Return whether ``release`` needs the very port that ``other`` has, which goes first then."""
    if other is None or not (release.web and other.web):
        return False
    return any(stage.processes(one).site() is None for one in (release, other))


def leave_proxy(stage: Stage, release: Release | None) -> None:
    """Have the proxy serve the app no longer, if it did so for ``release``."""
    if release is not None and stage.processes(release).site() is not None:
        stage.proxy.remove(stage.app)


def watch(stage: Stage, release: Release, *, restarts: int = 0) -> Watch:
    """Return what waits for the services of ``release``; see `Watch` for ``restarts``."""
    settings, runtime = release.settings, release.artifact.runtime
    return Watch(
        stage.services,
        timeout=settings.health_timeout or runtime.healthcheck_timeout,
        stays_up=settings.stays_up,
        restarts=restarts,
        say=stage.say,
    )


def checks_of(stage: Stage, release: Release, instances: Sequence[Instance]) -> list[Check]:
    """Return what is expected of each of ``instances``, but for what runs at set times."""
    return [
        _check(stage.processes(release).name(one), one, release)
        for one in instances
        if not one.schedule
    ]


def question_of(release: Release) -> Check:
    """Return what is asked of a web instance of ``release``, or of the proxy before it."""
    settings, runtime = release.settings, release.artifact.runtime
    host = settings.names[0].replace("*", "any") if settings.names else LOCALHOST
    said = runtime.healthcheck_path if settings.health_path is None else settings.health_path
    common = Check(name="", label=WEB, host=host, behind_proxy=settings.proxy)
    if runtime.backend_protocol != "http" or settings.health_path == "":
        return common
    # The text is that of the page the app has named, and not of any other that is asked for.
    text = text_of_page(Path(release.artifact.location)) if settings.health_path is None else ""
    if said or text:
        return replace(common, path=said or "/", status=settings.health_status, contains=text)
    return replace(common, path="/", status=BELOW_500, declared=False)


def _check(name: str, instance: Instance, release: Release) -> Check:
    command = release.artifact.runtime.workers.get(instance.worker, "")
    if instance.worker != WEB:
        return Check(name=name, label=instance.label, command=command)
    question = replace(question_of(release), name=name, label=instance.label, command=command)
    return replace(question, port=instance.port)


def _others(stage: Stage, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in stage.services.installed(stage.app) if name not in names)
