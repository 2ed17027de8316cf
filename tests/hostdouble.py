"""Test doubles of a service manager and a proxy: they keep a file, and start nothing.

What they know survives the process that told them, as that of real ones does.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from hop3_nix.contract import BuildArtifact, RuntimeConfig, write_artifact
from hop3_nix.deploy.artifact import Located, locate
from hop3_nix.deploy.releases import convergence
from hop3_nix.deploy.releases.deployment import deploy
from hop3_nix.deploy.releases.host import Host
from hop3_nix.deploy.releases.layout import AppPlace, Layout
from hop3_nix.deploy.releases.options import DeployOptions
from hop3_nix.deploy.services.base import Service, ServiceStatus, State
from hop3_nix.errors import InputError, ServiceError
from powercut import Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pytest

    from hop3_nix.deploy.proxy.base import Site
    from hop3_nix.deploy.questions import Check
    from hop3_nix.deploy.releases.outcome import Outcome

SERVICE_EFFECTS = frozenset(("install", "start", "stop", "pause", "remove", "enable", "run"))
PROXY_EFFECTS = frozenset(("apply", "remove"))

BROKEN = "broken"
"""A worker whose command line has this word never becomes healthy."""


class Memory:
    """What the doubles know, in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        if not file.exists():
            self.write(
                {"services": {}, "running": [], "enabled": {}, "sites": {}, "ran": [], "calls": []}
            )

    def read(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self._file.read_text())
        return data

    def write(self, data: Mapping[str, Any]) -> None:
        self._file.write_text(json.dumps(data))

    def change(self, call: str, change: Callable[[dict[str, Any]], object]) -> None:
        data = self.read()
        change(data)
        data["calls"].append(call)
        self.write(data)


class ServicesDouble:
    """A service manager that knows what runs, and starts nothing."""

    name = "double"

    def __init__(self, memory: Memory, states: Path) -> None:
        self._memory = memory
        self._states = states

    def state_directory(self, app: str) -> Path:
        return self._states / app

    def other_root(self) -> None:
        return None

    def check(self, services: Sequence[Service], secrets: Mapping[str, str]) -> None:
        assert all(service.argv for service in services)
        if "\x1b" in "".join(secrets.values()):
            raise InputError("no escape reaches a process", tip="Encode it.")

    def install(self, services: Sequence[Service]) -> None:
        told = {one.name: {"app": one.app, "argv": one.argv, "port": one.port} for one in services}
        self._memory.change("install", lambda data: data["services"].update(told))

    def start(self, names: Sequence[str]) -> None:
        def change(data: dict[str, Any]) -> None:
            known = set(names) & set(data["services"])
            data["running"] = sorted(known | set(data["running"]))

        self._memory.change(f"start {' '.join(names)}", change)

    def stop(self, names: Sequence[str]) -> None:
        def change(data: dict[str, Any]) -> None:
            data["running"] = sorted(set(data["running"]) - set(names))

        self._memory.change(f"stop {' '.join(names)}", change)

    def pause(self, names: Sequence[str]) -> None:
        def change(data: dict[str, Any]) -> None:
            data["running"] = sorted(set(data["running"]) - set(names))

        self._memory.change(f"pause {' '.join(names)}", change)

    def forget(self, app: str) -> None:
        self._memory.change(f"forget {app}", lambda data: data["enabled"].pop(app, None))

    def remove(self, names: Sequence[str]) -> None:
        def change(data: dict[str, Any]) -> None:
            data["running"] = sorted(set(data["running"]) - set(names))
            for name in names:
                data["services"].pop(name, None)

        self._memory.change(f"remove {' '.join(names)}", change)

    def enable(self, app: str, names: Sequence[str]) -> None:
        self._memory.change("enable", lambda data: data["enabled"].update({app: list(names)}))

    def installed(self, app: str) -> tuple[str, ...]:
        services = self._memory.read()["services"]
        return tuple(sorted(name for name, one in services.items() if one["app"] == app))

    def status(self, names: Sequence[str]) -> Mapping[str, ServiceStatus]:
        data = self._memory.read()
        return {
            name: ServiceStatus("running", pid=1)
            if name in data["running"]
            else ServiceStatus("stopped" if name in data["services"] else "absent")
            for name in names
        }

    def processes(self, name: str) -> frozenset[int]:
        return frozenset({1} if name in self._memory.read()["running"] else ())

    def run(self, service: Service, *, timeout: float, line: Callable[[str], None]) -> int:
        assert timeout > 0
        self._memory.change("run", lambda data: data["ran"].append(service.argv))
        line(f"ran {service.argv[-1]}")
        return 1 if BROKEN in service.argv[-1] else 0

    def logs(self, names: Sequence[str], *, lines: int, follow: bool) -> Iterator[tuple[str, str]]:
        assert lines
        assert not follow
        yield from ((name, f"{name} says so") for name in names)


class ProxyDouble:
    """A proxy that knows its sites, and serves nothing."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def check(self, site: Site) -> None:
        assert site.ports or site.root

    def apply(self, site: Site) -> None:
        told = {"ports": site.ports, "spare": site.spare, "root": site.root and str(site.root)}
        self._memory.change("apply", lambda data: data["sites"].update({site.app: told}))

    def remove(self, app: str) -> None:
        self._memory.change("leave", lambda data: data["sites"].pop(app, None))

    def state(self) -> State:
        return "running"

    def sites(self) -> tuple[str, ...]:
        return tuple(sorted(self._memory.read()["sites"]))

    def ask(self, site: Site, question: Check) -> None:
        assert site.app
        assert question.label

    def now(self) -> int:
        return 0

    def answers(self, ports: Sequence[int], since: int) -> list[int]:
        assert since == 0
        return list(self._memory.read().get("answers", [])) if ports else []

    def drain(self, ports: Sequence[int], seconds: float) -> bool:
        assert all(ports)
        assert seconds >= 0
        return True


class HostDouble:
    """A host made of the doubles, with the real files of a deployment."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.memory = Memory(directory / "memory.json")
        self.layout = Layout(directory / "root")
        services: Any = ServicesDouble(self.memory, directory / "states")
        proxy: Any = ProxyDouble(self.memory)
        self.host = Host(self.layout, services, proxy)
        watched_services: Any = Watched(services, SERVICE_EFFECTS)
        watched_proxy: Any = Watched(proxy, PROXY_EFFECTS)
        monkeypatch.setenv("HOP3_NIX_STATE", str(self.directory / "state"))
        self.watched = Host(self.layout, watched_services, watched_proxy)
        self.said: list[str] = []
        monkeypatch.setattr(convergence, "Watch", partial(WatchDouble, self.memory))
        # No machine is switched off here, and this is most of the time that a deployment takes.
        monkeypatch.setattr(os, "fsync", lambda _descriptor: None)

    @property
    def place(self) -> AppPlace:
        return self.layout.app("shop")

    def artifact(self, name: str = "one", **runtime: Any) -> Located:
        """Return a local artifact whose files are there."""
        location = self.directory / "state/apps/app/releases" / name
        location.mkdir(parents=True, exist_ok=True)
        section: dict[str, Any] = {
            "env_vars": {"GREETING": "hello"},
            "path_prepend": [],
            "working_dir": str(location),
            "workers": {"web": f"/bin/web {name} --port $PORT", "mailer": f"/bin/mailer {name}"},
        }
        required = runtime.pop("required", [])
        artifact = BuildArtifact(
            kind="any",
            builder="local",
            app_name="Shop",
            built_at=datetime(2025, 1, 2, tzinfo=UTC),
            build_id=name,
            location=str(location),
            runtime=RuntimeConfig.model_validate(section | runtime),
            metadata={"contract_version": 1, "required_env": required},
        )
        write_artifact(artifact, location / "BUILD_ARTIFACT.json")
        return locate(location, trusted=True)

    def deploy(self, located: Located | None = None, **options: Any) -> Outcome:
        chosen = DeployOptions(**{"listen": ("8123",), "warm": 0, "name": "shop", **options})
        return deploy(self.host, located or self.artifact(), chosen, self.said.append)

    def reboot(self) -> None:
        """Have run what is enabled, and nothing else."""

        def change(data: dict[str, Any]) -> None:
            enabled = {name for names in data["enabled"].values() for name in names}
            data["running"] = sorted(enabled & set(data["services"]))

        self.memory.change("reboot", change)

    def running(self) -> set[str]:
        """Return what runs, without the prefix that all have."""
        return {name.removeprefix("hop3-shop-") for name in self.memory.read()["running"]}

    def answers(self) -> bool:
        """Return whether a request would reach an instance that runs."""
        data = self.memory.read()
        site = data["sites"].get("shop")
        listening = {data["services"][name]["port"] for name in data["running"]}
        if site is None:
            return 8123 in listening
        return bool(listening & {*site["ports"], *site["spare"]})


class WatchDouble:
    """Finds healthy what runs, unless its command line says otherwise."""

    def __init__(
        self, memory: Memory, services: Any, *, timeout: float, stays_up: float, **_other: Any
    ) -> None:
        assert timeout > 0
        assert stays_up >= 0
        self._memory = memory
        self._services = services
        self._names: list[str] = []

    def wait(self, checks: Sequence[Check]) -> None:
        self._names += [check.name for check in checks]
        self.look()

    def look(self) -> None:
        known = self._memory.read()["services"]
        for name, status in self._services.status(self._names).items():
            if status.state != "running":
                raise ServiceError(f"{name} is {status.state}")
            if any(BROKEN in word for word in known[name]["argv"]):
                raise ServiceError(f"{name} is broken", tip="the end of its log")
