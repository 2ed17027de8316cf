"""Changes of an app that has releases already: another one, other settings, stopped, started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hop3_nix.deploy.configuration import checked, read_environment, write_environment
from hop3_nix.deploy.releases import collect, journal
from hop3_nix.deploy.releases.convergence import converge, converge_to_stopped
from hop3_nix.deploy.releases.deployment import activate
from hop3_nix.deploy.releases.options import DeployOptions
from hop3_nix.deploy.releases.planning import Change
from hop3_nix.deploy.releases.record import current_release, failure, numbers, read_release
from hop3_nix.deploy.releases.recovery import recover
from hop3_nix.deploy.releases.stage import locked
from hop3_nix.errors import AppDownError, InputError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from hop3_nix.deploy.releases.collect import Collected
    from hop3_nix.deploy.releases.host import Host
    from hop3_nix.deploy.releases.layout import AppPlace
    from hop3_nix.deploy.releases.outcome import Outcome
    from hop3_nix.deploy.releases.record import Release
    from hop3_nix.deploy.releases.stage import Stage


def rollback(host: Host, name: str, number: int | None, say: Callable[[str], None]) -> Outcome:
    """Make a release of the artifact of release ``number``, by default of the artifact before.

    Its settings and variables are those that the release had. Raises as `deploy` does, and
    InputError if there is no such release, or it never came up.
    """
    with locked(host, name, say) as stage:
        recover(stage)
        current = _current(stage)
        target = _target(stage, current, number)
        reason = f"rollback to {target.number}"
        change = Change(
            target.located(stage.place),
            target.settings,
            read_environment(target.secrets(stage.place)),
            reason,
        )
        return activate(stage, current, change)


def restart(host: Host, name: str, say: Callable[[str], None]) -> Outcome:
    """Make a release of the artifact that serves, with the variables of today.

    Raises as `deploy` does.
    """
    with locked(host, name, say) as stage:
        recover(stage)
        current = _current(stage)
        return activate(stage, current, _again(stage, current, "restart", afresh=False))


def scale(host: Host, name: str, counts: Mapping[str, int], say: Callable[[str], None]) -> Outcome:
    """Make a release of the artifact that serves, with other numbers of instances.

    Raises as `deploy` does.
    """
    with locked(host, name, say) as stage:
        recover(stage)
        current = _current(stage)
        shown = " ".join(f"{worker}={count}" for worker, count in sorted(counts.items()))
        change = _again(
            stage, current, f"scale {shown}", options=DeployOptions(scale=counts), afresh=False
        )
        return activate(stage, current, change)


def configure(
    host: Host,
    name: str,
    set_: Mapping[str, str],
    unset: Collection[str],
    say: Callable[[str], None],
    *,
    now: bool = True,
) -> Outcome | None:
    """Set and unset variables, and restart the app with them; they stay as they were if it fails.

    Without ``now``, or a release that runs, they are kept for the next one, and None is returned.
    Raises InputError, and as `deploy` does.
    """
    with locked(host, name, say) as stage:
        recover(stage)
        environment = read_environment(stage.place.environment)
        for variable in unset:
            if variable not in environment:
                raise InputError(
                    f"{variable} is not set", tip=f"What is: hop3-nix config list --name {name}"
                )
        kept = {key: value for key, value in environment.items() if key not in unset}
        changed = kept | checked(set_)
        current = current_release(stage.place)
        if changed == environment:
            say("nothing changes: the variables have these values already")
            return None
        if current is None or not now or stage.place.stopped.exists():
            stage.place.make()
            write_environment(stage.place.environment, changed)
            return None
        reason = " ".join(["config", *sorted({*set_, *unset})])
        change = _again(stage, current, reason, environment=changed, afresh=False)
        return activate(stage, current, change)


def stop(host: Host, name: str, say: Callable[[str], None]) -> Release:
    """Stop all of the app, until `start` or the next deployment, and return its release."""
    with locked(host, name, say) as stage:
        recover(stage)
        current = _current(stage)
        journal.begin(stage.place, journal.Transition(kind="stop"))
        stage.place.stopped.touch()
        converge_to_stopped(stage, current)
        journal.end(stage.place)
        return current


def start(host: Host, name: str, say: Callable[[str], None]) -> Release:
    """Start what does not run of the app, and return its release.

    Raises AppDownError if it does not come up; an app that was stopped is then stopped again.
    """
    with locked(host, name, say) as stage:
        recover(stage)
        current = _current(stage)
        journal.begin(stage.place, journal.Transition(kind="start"))
        try:
            converge(stage, current)
        except ServiceError as error:
            then = ""
            if stage.place.stopped.exists():
                converge_to_stopped(stage, current)
                then = "; it is stopped again"
            journal.end(stage.place)
            raise AppDownError(
                f"release {current.number} of {name} does not come up: {error}{then}",
                tip=error.tip,
            ) from error
        stage.place.stopped.unlink(missing_ok=True)
        journal.end(stage.place)
        return current


def gc(host: Host, name: str, keep: int | None, say: Callable[[str], None]) -> Collected:
    """Take away old releases; ``keep`` is the number of artifacts, by default the app's own."""
    with locked(host, name, say) as stage:
        recover(stage)
        current = current_release(stage.place)
        return collect.collect(stage, keep or (current.settings.keep if current else 1))


def destroy(host: Host, name: str, say: Callable[[str], None], *, data: bool) -> Path:
    """Take the app away, and return the directory of what it has written, which is kept.

    With ``data`` that goes as well. What an interrupted command has left goes with the rest.
    """
    with locked(host, name, say) as stage:
        return collect.destroy(stage, data=data)


def known(host: Host, name: str) -> AppPlace:
    """Return the place of app ``name``. Raises InputError if there is no such app."""
    place = host.layout.app(name)
    if not place.exists():
        apps = ", ".join(host.layout.apps()) or "none"
        raise InputError(
            f"there is no app {name} in {host.layout.root}",
            tip=f"The apps there: {apps}. Deploy it first: hop3-nix deploy APP --name {name}",
        )
    return place


def _current(stage: Stage) -> Release:
    current = current_release(stage.place)
    if current is None:
        raise InputError(
            f"{stage.app} has no release that came up",
            tip=f"Deploy it first: hop3-nix deploy APP --name {stage.app}",
        )
    return current


def _target(stage: Stage, current: Release, number: int | None) -> Release:
    place = stage.place
    if number is not None:
        target = read_release(place, number)
        if why := failure(place, number):
            raise InputError(
                f"release {number} never came up: {why}",
                tip=f"The others: hop3-nix releases {stage.app}",
            )
        return target
    for older in reversed(numbers(place)):
        if older < current.number and not failure(place, older):
            release = read_release(place, older)
            if release.artifact.location != current.artifact.location:
                return release
    raise InputError(
        f"{stage.app} has no release of another artifact to go back to",
        tip=f"Those there are: hop3-nix releases {stage.app}",
    )


def _again(
    stage: Stage,
    current: Release,
    reason: str,
    *,
    options: DeployOptions | None = None,
    environment: Mapping[str, str] | None = None,
    afresh: bool = True,
) -> Change:
    if environment is None:
        environment = read_environment(stage.place.environment)
    return Change(
        current.located(stage.place),
        current.settings.changed(options) if options else current.settings,
        environment,
        reason,
        afresh=afresh,
    )
