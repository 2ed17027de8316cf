"""Services under systemd: the system's for root, else the user's own."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.services import cgroup, claim, journal, portwrapper, transient, unitfile
from hop3_nix.deploy.services.base import ServiceStatus
from hop3_nix.deploy.services.lingering import require_lingering
from hop3_nix.deploy.services.systemctl import Systemctl
from hop3_nix.deploy.services.units import (
    STATE_ROOT,
    Scope,
    Unit,
    slice_name,
    state_name,
    target_name,
    target_of,
    units_of,
)
from hop3_nix.errors import ServiceError, ServiceTimeoutError, UnavailableError
from hop3_nix.files.atomic import replace_symlink, sync_directory, write_text_atomic
from hop3_nix.host import process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hop3_nix.deploy.releases.layout import Layout
    from hop3_nix.deploy.services.base import Service
    from hop3_nix.host.process import Runner, Streamer

BOOTED: Final = Path("/run/systemd/system")
"""There if systemd is PID 1: sd_booted(3)."""

SYSTEM_UNITS: Final = Path("/etc/systemd/system")
BOOT_TARGETS: Final[Mapping[Scope, str]] = {
    "system": "multi-user.target",
    "user": "default.target",
}


def is_available() -> bool:
    """Return whether systemd runs and this user has a manager to talk to."""
    if not BOOTED.is_dir():
        return False
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return os.geteuid() == 0 or Path(runtime or "/nonexistent", "systemd/private").is_socket()


class Systemd:
    """The service manager of a systemd host; see `Services`."""

    name = "systemd"

    def __init__(
        self,
        layout: Layout,
        *,
        scope: Scope | None = None,
        directory: Path | None = None,
        run: Runner = process.run,
        stream: Streamer = process.stream,
    ) -> None:
        self._layout = layout
        self._scope: Scope = scope or ("system" if os.geteuid() == 0 else "user")
        self._directory = directory or (SYSTEM_UNITS if self._scope == "system" else _user_units())
        self._run = run
        self._stream = stream
        self._systemctl = Systemctl(self._scope, run)

    def state_directory(self, app: str) -> Path:
        """Return /var/lib/hop3/state/APP, or for a user the app's directory below the root."""
        if self._scope == "system":
            return STATE_ROOT / state_name(app)
        # Not by the layout's own name for it: the proxy has one too, and is no app.
        return self._layout.root / "apps" / app / "state"

    def other_root(self) -> Path | None:
        """Return the root that the units in our directory are of, if it is not ours."""
        return claim.other_than(self._layout.root, self._directory)

    def check(self, services: Sequence[Service], secrets: Mapping[str, str]) -> None:
        """Raise what keeps ``services`` from being units, or ``secrets`` from reaching them.

        A user's manager is asked to go on when the user logs out.
        """
        for service in services:
            units_of(service, self._scope)
            if service.binds and self._scope == "user":
                raise UnavailableError(
                    f"{service.app} writes to directories of its tree (`[run] writable`), and the "
                    "systemd of a user can mount nothing there",
                    tip="Deploy it as root, or have it run by a supervisord: --manager supervisord",
                )
        for name, value in secrets.items():
            unitfile.check_variable(name, value)
        _refuse_unwritable(self._directory)
        if self._scope == "user":
            require_lingering(self._run)

    def install(self, services: Sequence[Service]) -> None:
        """Write the units and have them read; one that runs goes on as it is."""
        locked = [self._locked(service) for service in services]
        units = [unit for service in locked for unit in units_of(service, self._scope)]
        self._make_states(services)
        if claim.claimed_by(self._directory) != self._layout.root:
            units.append(Unit(claim.UNIT, claim.text_of(self._layout.root)))
        self._write(units)
        self._systemctl.reload()

    def start(self, names: Sequence[str]) -> None:
        """Start what does not run, a timer for what has a schedule."""
        try:
            self._systemctl.start([self._started_by(name) for name in names])
        except ServiceError as error:
            raise self._explained(error, names) from error

    def stop(self, names: Sequence[str]) -> None:
        """Stop what runs, and its timer first."""
        for suffix in (".timer", ".service"):
            units = [f"{name}{suffix}" for name in names]
            shown = zip(units, self._systemctl.show(units), strict=True)
            self._systemctl.stop([unit for unit, found in shown if found.active])

    def pause(self, names: Sequence[str]) -> None:
        """Stop the timers; a service that has been started goes on."""
        timers = [f"{name}.timer" for name in names]
        shown = zip(timers, self._systemctl.show(timers), strict=True)
        self._systemctl.stop([unit for unit, found in shown if found.active])

    def remove(self, names: Sequence[str]) -> None:
        """Stop and forget; what cannot be stopped is forgotten too, so that it does not come back.

        Raises ServiceError for that in the end.
        """
        try:
            self.stop(names)
        finally:
            self._forget(names)

    def _forget(self, names: Sequence[str]) -> None:
        files = [
            self._directory / f"{n}{suffix}" for n in names for suffix in (".service", ".timer")
        ]
        present = [file for file in files if file.exists()]
        for file in present:
            file.unlink(missing_ok=True)
        if present:
            sync_directory(self._directory)
            self._systemctl.reload()
        self._systemctl.forget([f"{name}.service" for name in names])

    def enable(self, app: str, names: Sequence[str]) -> None:
        """Write the app's target, which is what a boot starts of it, in one step."""
        # Nothing is reloaded: only a boot goes by it, and that reads everything.
        target = self._directory / target_name(app)
        link = self._directory / f"{BOOT_TARGETS[self._scope]}.wants" / target.name
        if names:
            self._write([target_of(app, map(self._started_by, names))])
            replace_symlink(link, target)
        else:
            for file in (link, target):
                if file.is_symlink() or file.exists():
                    file.unlink(missing_ok=True)
                    sync_directory(file.parent)

    def forget(self, app: str) -> None:
        """Stop what a boot has started it by, and its slice, which would stay empty."""
        units = (target_name(app), slice_name(app))
        shown = zip(units, self._systemctl.show(units), strict=True)
        self._systemctl.stop([unit for unit, found in shown if found.active])

    def installed(self, app: str) -> tuple[str, ...]:
        """Return the names of all services of ``app``: with a unit file, or running without one."""
        known = re.compile(rf"(hop3-{re.escape(app)}-r[0-9]+-.+)\.service")
        names = [path.name for path in self._directory.glob(f"hop3-{app}-r*.service")]
        names += self._systemctl.loaded(f"hop3-{app}-r*.service")
        return tuple(sorted({match[1] for name in names if (match := known.fullmatch(name))}))

    def status(self, names: Sequence[str]) -> Mapping[str, ServiceStatus]:
        """Return the status of each; what has a schedule runs while its timer does."""
        services = self._systemctl.show([f"{name}.service" for name in names])
        triggers = self._systemctl.show([self._started_by(name) for name in names])
        return {
            name: ServiceStatus(
                state=trigger.state,
                pid=int(service["MainPID"] or 0) or None,
                status=service.status,
                restarts=int(service["NRestarts"] or 0),
                since=trigger.since,
            )
            for name, service, trigger in zip(names, services, triggers, strict=True)
        }

    def processes(self, name: str) -> frozenset[int]:
        """Return all processes in the control group of service ``name``."""
        (shown,) = self._systemctl.show([f"{name}.service"])
        return cgroup.processes(shown["ControlGroup"])

    def run(self, service: Service, *, timeout: float, line: Callable[[str], None]) -> int:
        """Run ``service`` as a unit that is gone afterwards, in the same confines as any other."""
        self._make_states([service])
        try:
            argv = transient.command(self._locked(service), self._scope, timeout)
            return transient.run(
                service, argv, self._systemctl, self._stream, timeout=timeout, line=line
            )
        except ServiceTimeoutError:
            raise
        except ServiceError as error:
            raise self._explained(error, [service.name]) from error
        finally:
            self.remove([service.name])

    def logs(self, names: Sequence[str], *, lines: int, follow: bool) -> Iterator[tuple[str, str]]:
        """Yield what the journal has of ``names``, what systemd says of them included."""
        if follow:
            return journal.follow(names, self._scope, lines=lines)
        return journal.read(names, self._scope, lines=lines, run=self._run)

    def _locked(self, service: Service) -> Service:
        """Return ``service`` such that it listens on its own ports alone, if that can be had."""
        wrapper = () if self._scope == "user" else portwrapper.words(service.ports)
        return replace(service, wrapper=wrapper) if wrapper else service

    def _make_states(self, services: Sequence[Service]) -> None:
        """Make the directories that a user's manager does not make."""
        if self._scope == "user":
            for service in services:
                service.state.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _explained(self, error: ServiceError, names: Sequence[str]) -> ServiceError:
        """Return ``error`` with the last that the journal has of ``names`` as its tip."""
        journal.sync(self._run)
        said = "\n".join(line for _, line in self.logs(names, lines=10, follow=False))
        return ServiceError(error.message.splitlines()[0], tip=said or error.tip)

    def _started_by(self, name: str) -> str:
        """Return the unit that starts service ``name``."""
        has_timer = (self._directory / f"{name}.timer").exists()
        return f"{name}.timer" if has_timer else f"{name}.service"

    def _write(self, units: Sequence[Unit]) -> None:
        for unit in units:
            file = self._directory / unit.name
            try:
                write_text_atomic(file, unit.text)
            except OSError as error:
                raise _unwritable(file, str(error.strerror)) from error


def _refuse_unwritable(directory: Path) -> None:
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise _unwritable(directory, f"{existing} is not to be written to")


def _unwritable(place: Path, reason: str) -> UnavailableError:
    return UnavailableError(
        f"systemd's units cannot be written: {reason}",
        file=str(place),
        tip="Make room or the directory writable, or use --manager supervisord.",
    )


def _user_units() -> Path:
    """Return where a user's own units stand: systemd.unit(5), $XDG_CONFIG_HOME (XDG 0.8)."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".config") / "systemd/user"
