"""Bring a host to where exactly one release of an app runs, is enabled and is reached."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hop3_nix.deploy.health import Check, wait_until_healthy
from hop3_nix.deploy.releases.record import WEB
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.deploy.releases.record import Instance, Release
    from hop3_nix.deploy.releases.stage import Stage

LOCALHOST = "localhost"


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
    wait(stage, release, release.instances)
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

    What ``other`` is still answering by way of the proxy is waited for.
    """
    others = _others(stage, stage.processes(release).names())
    if others and other is not None and stage.processes(other).site() is not None:
        stage.proxy.drain(other.ports, release.settings.drain)
    stage.services.remove(others)


def in_place(stage: Stage, release: Release, other: Release | None) -> bool:
    """Return whether ``release`` needs the very port that ``other`` has, which goes first then."""
    if other is None or not (release.web and other.web):
        return False
    return any(stage.processes(one).site() is None for one in (release, other))


def leave_proxy(stage: Stage, release: Release | None) -> None:
    """Have the proxy serve the app no longer, if it did so for ``release``."""
    if release is not None and stage.processes(release).site() is not None:
        stage.proxy.remove(stage.app)


def wait(stage: Stage, release: Release, instances: Sequence[Instance]) -> None:
    """Return when ``instances`` of ``release`` are healthy. Raises ServiceError."""
    settings, runtime = release.settings, release.artifact.runtime
    path = runtime.healthcheck_path if settings.health_path is None else settings.health_path
    processes = stage.processes(release)
    checks = [
        Check(
            name=processes.name(one),
            label=one.label,
            port=one.port if one.worker == WEB else None,
            path=path if one.worker == WEB and runtime.backend_protocol == "http" else "",
            status=settings.health_status,
            host=settings.names[0].replace("*", "any") if settings.names else LOCALHOST,
        )
        for one in instances
        if not one.schedule
    ]
    if checks:
        wait_until_healthy(
            stage.services,
            checks,
            timeout=settings.health_timeout or runtime.healthcheck_timeout,
            stays_up=settings.stays_up,
        )


def _others(stage: Stage, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in stage.services.installed(stage.app) if name not in names)
