"""One release in place of another: it comes up healthy, or the one before it goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.advice import Advice
from hop3_nix.deploy.configuration import checked, read_environment
from hop3_nix.deploy.releases import generations, journal
from hop3_nix.deploy.releases.checks import check_addressed
from hop3_nix.deploy.releases.collect import collect
from hop3_nix.deploy.releases.convergence import (
    busy,
    checks_of,
    in_place,
    leave_proxy,
    question_of,
    remove_others,
    watch,
)
from hop3_nix.deploy.releases.layout import name_from
from hop3_nix.deploy.releases.origin import check_origin, origin_of, remember_origin
from hop3_nix.deploy.releases.outcome import Outcome
from hop3_nix.deploy.releases.planning import Change, instances_of, plan
from hop3_nix.deploy.releases.ports import free_ports
from hop3_nix.deploy.releases.record import (
    WEB,
    Release,
    current_release,
    write_release,
)
from hop3_nix.deploy.releases.recovery import commit, recover, take_over
from hop3_nix.deploy.releases.retreat import retreat
from hop3_nix.deploy.releases.settings import Settings
from hop3_nix.deploy.releases.stage import locked
from hop3_nix.deploy.releases.warm import keep_warm
from hop3_nix.errors import Hop3NixError, ServiceError
from hop3_nix.host.state import lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from hop3_nix.deploy.artifact import Located
    from hop3_nix.deploy.health import Watch
    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.options import DeployOptions
    from hop3_nix.deploy.releases.stage import Stage


ADVISED_BY: Final = 200
"""Lines of each worker's log that are looked at."""


def deploy(
    host: Host, located: Located, options: DeployOptions, say: Callable[[str], None]
) -> Outcome:
    """Make a release of the artifact, have it serve, and return what came of it.

    Raises, before anything of a running app is touched, what `plan` raises; after that,
    ReleaseFailedError if the release before it serves, and AppDownError if nothing does.
    """
    name = options.name or name_from(located.artifact.app_name)
    with locked(host, name, say) as stage:
        recover(stage)
        old = current_release(stage.place)
        check_origin(stage.place, located, options)
        check_addressed(located.artifact.runtime.workers, options)
        settings = (old.settings if old else Settings()).changed(options)
        environment = read_environment(stage.place.environment) | checked(options.environment)
        change = Change(
            located,
            settings,
            environment,
            "deploy",
            contents=options.verify_contents,
            signatures=options.require_signatures,
            origin=origin_of(located, options),
        )
        return activate(stage, old, change)


def activate(stage: Stage, old: Release | None, change: Change) -> Outcome:
    """Have the release that ``change`` describes serve instead of ``old``; see `deploy`."""
    begun = time.monotonic()
    planned = plan(stage, old, change)
    number, replaces = planned.number, planned.replaces
    stage.host.remember()
    stage.place.make()
    journal.begin(
        stage.place, journal.Transition(kind="release", release=number, replaces=replaces)
    )
    try:
        release = _take_up(stage, planned, change)
        try:
            watched = _come_up(stage, old, release, change)
        finally:
            _advise(stage, release)
        if change.origin is not None:
            remember_origin(stage.place, change.origin)
        commit(stage, release)
    except BaseException as error:
        if stage.place.current_number() == number:
            raise
        raise retreat(stage, old, number, error) from error
    try:
        _take_over(stage, old, release, watched)
    except BaseException as error:
        raise _give_back(stage, old, release, error) from error
    try:
        _settle(stage, old, release)
    except Hop3NixError as error:
        raise ServiceError(
            f"release {number} serves, but what it replaced is not put away: {error}",
            tip=f"The next command goes on with it: hop3-nix start {stage.app}",
        ) from error
    seconds = round(time.monotonic() - begun, 2)
    clients = release.web or stage.processes(release).site() is not None
    return Outcome(
        app=stage.app,
        release=number,
        replaced=replaces,
        reason=change.reason,
        listen=release.settings.listen if clients else (),
        names=release.settings.names,
        location=release.artifact.location,
        seconds=seconds,
    )


def _take_up(stage: Stage, planned: Release, change: Change) -> Release:
    """Keep the artifact, choose ports, and write the record."""
    generation = generations.take(stage.place, change.located.location)
    ports = stage.host.layout.ports_lock
    with lock(ports, "the ports of all apps", say=stage.say):
        free = free_ports(stage.host.layout)
        instances = instances_of(change.located, planned.settings, free)
        release = planned.model_copy(update={"generation": generation, "instances": instances})
        write_release(stage.place, release, change.environment)
    shown = f", generation {generation}" if generation else ""
    stage.say(f"release {release.number} of {stage.app} ({change.reason}){shown}")
    return release


def _come_up(stage: Stage, old: Release | None, release: Release, change: Change) -> Watch:
    """Start the release beside ``old``, or in its place where it has to be. Raises ServiceError.

    Returns what goes on watching it.
    """
    services, processes = stage.services, stage.processes(release)
    services.install(processes.services())
    if change.afresh:
        _prepare(stage, release)
    if in_place(stage, release, old) and old is not None:
        stage.say(f"release {old.number} is stopped: both need port {release.settings.listen[0]}")
        leave_proxy(stage, old)
        services.stop(stage.processes(old).names(old.web))
    watched = watch(stage, release)
    if release.web:
        begun = time.monotonic()
        services.start(processes.names(release.web))
        watched.wait(checks_of(stage, release, release.web))
        on = ", ".join(map(str, release.ports))
        ports = "port" if len(release.ports) == 1 else "ports"
        stage.say(f"{WEB} is healthy on {ports} {on}{_took(begun)}")
    running: set[str] = set()
    if old is not None and old.background:
        others = [one for one in old.background if not one.schedule]
        running = {one.worker for one in busy(stage, old)}
        services.stop(stage.processes(old).names(others))
    if release.background:
        begun = time.monotonic()
        # A schedule begins when nothing runs any more that the old release has started by it.
        at_once = [one for one in release.background if one.worker not in running]
        services.start(processes.names(at_once))
        watched.wait(checks_of(stage, release, release.background))
        labels = ", ".join(one.label for one in release.background)
        stage.say(f"{labels} started{_took(begun)}")
    watched.look()
    site = processes.site(spare=old.ports if old else (), watched=old is not None)
    if site is not None:
        stage.proxy.apply(site)
        stage.proxy.ask(site, question_of(release))
        watched.look()
    return watched


def _advise(stage: Stage, release: Release) -> None:
    """Say which directories to declare, if the app has tried to write beside its code."""
    advice = Advice(release.artifact.runtime.working_dir)
    labels = {stage.processes(release).name(one): one.label for one in release.instances}
    for name, line in stage.services.logs(list(labels), lines=ADVISED_BY, follow=False):
        if text := advice.of(line.encode(errors="replace")):
            stage.say(f"{labels[name]}: {text}")


def _prepare(stage: Stage, release: Release) -> None:
    """Copy the writable tree and run what has to be run before the workers start."""
    processes, limit = stage.processes(release), release.settings.before_run_timeout
    copy = processes.copy_tree()
    own = processes.copy_writable()
    for what, service in (
        *((("copy of the writable tree", copy),) if copy else ()),
        *((("directories that the app writes to", own),) if own else ()),
        *processes.before_run(),
    ):
        begun = time.monotonic()
        stage.say(f"before_run: {what}")
        status = stage.services.run(
            service, timeout=limit, line=lambda line: stage.say(f"before_run | {line}")
        )
        if status:
            raise ServiceError(
                f"a command of before_run ended with status {status}: {what}",
                tip="Its output stands above.",
            )
        stage.say(f"before_run: done{_took(begun)}")


def _take_over(stage: Stage, old: Release | None, release: Release, watched: Watch) -> None:
    """Do what follows from the commit at once, and watch the release while ``old`` is warm.

    Raises ServiceError if it fails meanwhile.
    """
    stage.services.enable(stage.app, stage.processes(release).names())
    take_over(stage, release)
    if old is not None and release.settings.warm:
        stage.say(
            f"release {release.number} has taken over; release {old.number} stays warm for "
            f"{release.settings.warm:g} s"
        )
        keep_warm(stage, release, watched)


def _give_back(
    stage: Stage, old: Release | None, release: Release, error: BaseException
) -> BaseException:
    """Have ``old`` take over again from ``release``, and return what to tell of ``error``."""
    if old is None:
        return error
    commit(stage, old)
    site = stage.processes(old).site(spare=release.ports)
    if site is not None and not in_place(stage, release, old):
        stage.proxy.apply(site)
    take_over(stage, old)
    return retreat(stage, old, release.number, error)


def _settle(stage: Stage, old: Release | None, release: Release) -> None:
    """Put ``old`` away; repeated by the next command if it is cut short."""
    site = stage.processes(release).site()
    if site is not None:
        stage.proxy.apply(site)
    else:
        leave_proxy(stage, old)
    begun = time.monotonic()
    remove_others(stage, release, old)
    if scheduled := [one for one in release.instances if one.schedule]:
        stage.services.start(stage.processes(release).names(scheduled))
    if old is not None:
        stage.say(f"release {old.number} is stopped{_took(begun)}")
    journal.end(stage.place)
    collect(stage, release.settings.keep)


def _took(begun: float) -> str:
    return f" ({time.monotonic() - begun:.1f} s)"
