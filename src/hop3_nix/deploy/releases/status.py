"""What an app is doing, read without changing anything and without waiting for anybody."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from hop3_nix.deploy.proxy.asking import fronts
from hop3_nix.deploy.questions import Check
from hop3_nix.deploy.releases import journal
from hop3_nix.deploy.releases.processes import Processes
from hop3_nix.deploy.releases.record import current_release, failure, numbers, read_release
from hop3_nix.deploy.whose import not_its_own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.layout import AppPlace
    from hop3_nix.deploy.releases.record import Release

AppState = Literal["running", "degraded", "down", "stopped", "not deployed"]
"""``degraded``: some of it runs; ``stopped``: because somebody asked for it."""


@dataclass(frozen=True)
class WorkerStatus:
    """One instance of a worker."""

    worker: str
    number: int
    service: str
    state: str
    port: int | None
    schedule: str
    pid: int | None
    restarts: int
    since: str
    status: int | None


@dataclass(frozen=True)
class Status:
    """An app, as it stands."""

    app: str
    state: AppState
    release: int | None
    location: str
    created: str
    listen: tuple[str, ...]
    names: tuple[str, ...]
    manager: str
    workers: tuple[WorkerStatus, ...]
    transition: str
    """What is being changed at this moment, or what was when a command was interrupted."""
    interrupted: bool
    strangers: tuple[str, ...] = ()
    """What takes requests in the place of web instances, or of the proxy."""
    proxy: str = ""
    """What the proxy in front of it does: ``running`` and so on; empty if there is none."""

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)


@dataclass(frozen=True)
class Past:
    """One line of an app's history."""

    release: int
    created: str
    reason: str
    location: str
    state: Literal["current", "kept", "failed"]
    failure: str

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON holds it; its artifact is called as in the table, too."""
        return asdict(self) | {"artifact": self.location}


def status(host: Host, place: AppPlace) -> Status:
    """Return how the app at ``place`` is.

    Raises UnavailableError if the service manager cannot be asked, and ArtifactCorruptError.
    """
    left = journal.under_way(place)
    release = current_release(place)
    workers: tuple[WorkerStatus, ...] = ()
    serves, proxy = False, ""
    strangers: tuple[str, ...] = ()
    if release is not None:
        processes = Processes(place, release, host.services.state_directory(place.name))
        serves = bool(release.web) or processes.site() is not None
        if processes.site() is not None:
            proxy = host.proxy.state()
        found = host.services.status(processes.names())
        strangers = tuple(_strangers(host, processes, release))
        workers = tuple(
            WorkerStatus(
                worker=one.worker,
                number=one.number,
                service=processes.name(one),
                state=found[processes.name(one)].state,
                port=one.port,
                schedule=one.schedule,
                pid=found[processes.name(one)].pid,
                restarts=found[processes.name(one)].restarts,
                since=found[processes.name(one)].since,
                status=found[processes.name(one)].status,
            )
            for one in release.instances
        )
    return Status(
        app=place.name,
        state=_state(
            place,
            workers,
            deployed=release is not None,
            hindered=bool(strangers) or proxy not in {"", "running"},
        ),
        proxy=proxy,
        release=release.number if release else None,
        location=release.artifact.location if release else "",
        created=release.created.isoformat() if release else "",
        listen=release.settings.listen if release and serves else (),
        names=release.settings.names if release else (),
        manager=host.services.name,
        workers=workers,
        transition=f"{left.kind} {left.release or ''}".strip() if left else "",
        interrupted=left is not None and not journal.at_work(place),
        strangers=strangers,
    )


def history(place: AppPlace) -> tuple[Past, ...]:
    """Return the releases of the app at ``place`` that are kept, newest first."""
    current = place.current_number()
    past = []
    for number in reversed(numbers(place)):
        release, why = read_release(place, number), failure(place, number)
        past.append(
            Past(
                release=number,
                created=release.created.isoformat(),
                reason=release.reason,
                location=release.artifact.location,
                state="current" if number == current else "failed" if why else "kept",
                failure=why,
            )
        )
    return tuple(past)


def _strangers(host: Host, processes: Processes, release: Release) -> Iterator[str]:
    for one in release.web:
        check = Check(name=processes.name(one), label=one.label, port=one.port)
        if problem := not_its_own(host.services, check):
            yield f"{one.label} {problem}"
    if site := processes.site():
        for check in fronts(site):
            if problem := not_its_own(host.services, check):
                yield f"{check.label} {problem}"


def _state(
    place: AppPlace, workers: tuple[WorkerStatus, ...], *, deployed: bool, hindered: bool
) -> AppState:
    if not deployed:
        return "not deployed"
    if place.stopped.exists():
        return "stopped"
    running = sum(one.state == "running" for one in workers)
    if running == len(workers) and not hindered:
        return "running"
    return "degraded" if running else "down"
