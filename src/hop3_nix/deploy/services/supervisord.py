"""Services under a supervisord of our own, for machines without systemd."""

from __future__ import annotations

import json
import os
import sys
import time
import xmlrpc.client
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supervisor.xmlrpc import Faults

from hop3_nix.deploy.artifact import STORE, store_path_of
from hop3_nix.deploy.services import kin, logfiles, once
from hop3_nix.deploy.services import supervisord_conf as conf
from hop3_nix.deploy.services import supervisord_daemon as daemon
from hop3_nix.deploy.services.base import ServiceStatus
from hop3_nix.deploy.services.starter import PAUSE, RESUME, read_start
from hop3_nix.deploy.services.starter_file import confine_service, for_starter
from hop3_nix.deploy.services.supervisord_status import STATES, status_of
from hop3_nix.errors import ServiceTimeoutError
from hop3_nix.files.atomic import write_text_atomic
from hop3_nix.host import process
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hop3_nix.deploy.releases.layout import Layout
    from hop3_nix.deploy.services.base import Service

BEGINS_WITHIN: Final = 2.0
"""Seconds from the start of a service to its own first step, on a busy machine."""


class Supervisord:
    """The supervisord of a deployment's root; nothing is started by making this object."""

    def __init__(self, layout: Layout) -> None:
        self._root = layout.root
        self._places = conf.Places(layout.supervisor)

    @property
    def name(self) -> str:
        """Return its name."""
        return "supervisord"

    def state_directory(self, app: str) -> Path:
        """Return where the processes of ``app`` may write."""
        return self._root / "apps" / app / "state"

    def other_root(self) -> None:
        """Return None: each root has a supervisord of its own."""

    def check(self, services: Sequence[Service], secrets: Mapping[str, str]) -> None:  # noqa: ARG002 - any will do
        """Raise UnavailableError for limits that need control groups."""
        self._places.check()
        for service in services:
            for_starter(service, None)

    def install(self, services: Sequence[Service]) -> None:
        """Make ``services`` known, starting none."""
        self._places.make()
        _keep_ourselves(self._places)
        texts = {one.name: for_starter(one, confine_service(one)) for one in services}
        for service in services:
            write_text_atomic(
                self._places.service(service.name), texts[service.name], mode=conf.PRIVATE
            )
        for app in sorted({service.app for service in services}):
            programs = [
                conf.Program(service.name, service.stop_timeout, service.always)
                for service in services
                if service.app == app
            ]
            conf.add_programs(self._places, app, programs)
        with daemon.connected(self._places) as server:
            if server is not None:
                _make_known(server, [service.name for service in services])

    def start(self, names: Sequence[str]) -> None:
        """Start what does not run, and a supervisord for it if there is none."""
        known = [name for name in names if self._app_of(name)]
        if not known:
            return
        with daemon.running(self._places) as server:
            _make_known(server, known)
            for name in known:
                self._start(server, name)
        self._wait_until_begun(known)

    def stop(self, names: Sequence[str]) -> None:
        """Stop what runs: SIGTERM to its process; to what that leaves, wherever; then SIGKILL."""
        # What is found now is not lost when it closes behind itself whatever led to it.
        known = daemon.processes(self._places, names)
        with daemon.connected(self._places) as server:
            if server is not None:
                for name in names:
                    with _tolerating(Faults.BAD_NAME, Faults.NOT_RUNNING):
                        server.stopProcess(name, False)  # noqa: FBT003 - by position only
                self._wait_until_stopped(server, names)
        kin.end(lambda: known | daemon.processes(self._places, names), daemon.LEFTOVER_GRACE)

    def pause(self, names: Sequence[str]) -> None:
        """Tell what keeps the time of ``names`` to start nothing more, and see it end if it can."""
        self._tell(names, PAUSE)
        deadline = time.monotonic() + BEGINS_WITHIN
        while time.monotonic() < deadline:
            if not any(
                daemon.is_alive(self._places, name) and len(self.processes(name)) == 1
                for name in names
            ):
                return
            time.sleep(0.01)

    def remove(self, names: Sequence[str]) -> None:
        """Stop and forget; the logs stay for a while."""
        self.stop(names)
        by_app: dict[str, list[str]] = {}
        for name in names:
            if app := self._app_of(name):
                by_app.setdefault(app, []).append(name)
        for app, its_names in by_app.items():
            conf.remove_programs(self._places, app, its_names)
        with daemon.connected(self._places) as server:
            if server is not None:
                for name in names:
                    with _tolerating(Faults.BAD_NAME):
                        server.removeProcessGroup(name)
        for name in names:
            self._places.record(name).unlink(missing_ok=True)
            self._places.service(name).unlink(missing_ok=True)
        logfiles.forget_old(self._places.logs, lambda name: self._places.service(name).exists())

    def enable(self, app: str, names: Sequence[str]) -> None:
        """Have exactly ``names`` started with the next supervisord."""
        conf.set_autostart(self._places, app, names)

    def forget(self, app: str) -> None:  # noqa: ARG002 - it is the last one that matters
        """End the supervisord if it is ours, and has no services any more."""
        daemon.end_idle(self._places)

    def installed(self, app: str) -> tuple[str, ...]:
        """Return the names of all services of ``app``, sorted."""
        return tuple(sorted(conf.read_autostart(self._places, app)))

    def status(self, names: Sequence[str]) -> Mapping[str, ServiceStatus]:
        """Return the status of each of ``names``; starts nothing."""
        with daemon.connected(self._places) as server:
            if server is None:
                return {name: self._unsupervised(name) for name in names}
            told = {info["name"]: info for info in server.getAllProcessInfo()}
        return {
            name: status_of(told[name], read_start(str(self._places.record(name))))
            if name in told
            else self._unsupervised(name)
            for name in names
        }

    def processes(self, name: str) -> frozenset[int]:
        """Return all processes of service ``name``, by their numbers."""
        return frozenset(one.pid for one in daemon.processes(self._places, [name]))

    def run(self, service: Service, *, timeout: float, line: Callable[[str], None]) -> int:
        """Run ``service`` once, to its end; with it ends all that it started, and it with us.

        Its status is negative for the signal that ended it.
        """
        self._places.make()
        text = for_starter(service, confine_service(service))
        file = self._places.service(service.name)
        write_text_atomic(file, text, mode=conf.PRIVATE)
        argv = [sys.executable, "-I", "-m", once.__name__, str(file), str(timeout)]
        try:
            done = process.stream(argv, on_stderr_line=line, on_stdout_line=line)
        finally:
            file.unlink(missing_ok=True)
        if done.status == -once.TIMED_OUT:
            raise ServiceTimeoutError(
                f"{service.description} took longer than {timeout:g} s and was ended",
                tip="Give it more time, or find out what it waits for.",
            )
        return done.status

    def logs(self, names: Sequence[str], *, lines: int, follow: bool) -> Iterator[tuple[str, str]]:
        """Yield (service, line): the last ``lines`` of each; then new ones if ``follow``."""
        paths = {name: self._places.service_log(name) for name in names}
        return logfiles.read(paths, lines=lines, follow=follow)

    def _tell(self, names: Sequence[str], number: signal.Signals) -> None:
        for name in names:
            pid = daemon.is_alive(self._places, name)
            if pid and json.loads(self._places.service(name).read_text())["schedule"]:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _start(self, server: Any, name: str) -> None:
        record = self._places.record(name)
        self._tell([name], RESUME)
        if daemon.is_alive(self._places, name) is None:
            daemon.end_leftovers(self._places, [name])
            record.unlink(missing_ok=True)  # it counts the starts since somebody asked for one
        with _tolerating(Faults.ALREADY_STARTED, Faults.SPAWN_ERROR):
            server.startProcess(name, False)  # noqa: FBT003 - by position only

    def _wait_until_begun(self, names: Sequence[str]) -> None:
        """Return when each of ``names`` is a program of its own, or will hardly become one.

        Until then it is a copy of supervisord, which a signal to stop would be lost on.
        """
        deadline = time.monotonic() + BEGINS_WITHIN
        while time.monotonic() < deadline:
            if all(read_start(str(self._places.record(name))) for name in names):
                return
            time.sleep(0.005)

    def _wait_until_stopped(self, server: Any, names: Sequence[str]) -> None:
        """Return when none of ``names`` runs; supervisord sends SIGKILL when the time is up."""
        wanted = set(names)
        while any(
            STATES[info["state"]] in {"running", "stopping"}
            for info in server.getAllProcessInfo()
            if info["name"] in wanted
        ):
            time.sleep(0.02)

    def _app_of(self, name: str) -> str:
        """Return the app that service ``name`` belongs to, "" if it is not known."""
        try:
            text = self._places.service(name).read_text()
        except FileNotFoundError:
            return ""
        app: str = json.loads(text)["app"]
        return app if name in conf.read_autostart(self._places, app) else ""

    def _unsupervised(self, name: str) -> ServiceStatus:
        """Return what is known without a supervisord, or of what it does not know."""
        if not self._app_of(name):
            return ServiceStatus("absent")
        pid = daemon.is_alive(self._places, name)
        return ServiceStatus("running" if pid else "stopped", pid=pid)


def _keep_ourselves(places: conf.Places) -> None:
    """Keep Nix from taking away the program that supervisord and the starter are parts of."""
    own = Path(sys.executable)
    if own.is_relative_to(STORE):
        path = store_path_of(own)
        if not places.program(path.name).is_symlink():
            nixcli.add_root(places.program(path.name), path)


def _make_known(server: Any, names: Sequence[str]) -> None:
    """Have supervisord read its files again if it does not know all of ``names``."""
    known = {info["name"] for info in server.getAllProcessInfo()}
    missing = [name for name in names if name not in known]
    if missing:
        server.reloadConfig()
    for name in missing:
        with _tolerating(Faults.ALREADY_ADDED):
            server.addProcessGroup(name)


@contextmanager
def _tolerating(*codes: int) -> Iterator[None]:
    try:
        yield
    except xmlrpc.client.Fault as fault:
        if fault.faultCode not in codes:
            raise
