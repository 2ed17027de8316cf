"""The services of a release: a function of its record alone, so that it can be repeated."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.artifact import is_program, understands_starters
from hop3_nix.deploy.commandline import argv_of, shell_of
from hop3_nix.deploy.confinement import read_by
from hop3_nix.deploy.kinds import split_schedule
from hop3_nix.deploy.launch import EXEC
from hop3_nix.deploy.place import STATE_VARIABLE
from hop3_nix.deploy.proxy.base import Certificate, Site
from hop3_nix.deploy.proxy.limits import BODY
from hop3_nix.deploy.questions import LOOPBACK
from hop3_nix.deploy.releases.record import WEB
from hop3_nix.deploy.services.base import Service
from hop3_nix.deploy.tree import pointed_to
from hop3_nix.deploy.writable import COPY, writable_of
from hop3_nix.files.resources import NIX
from hop3_nix.workers.environment import APP_DIR, kept
from hop3_nix.workers.kind import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hop3_nix.contract import RuntimeConfig
    from hop3_nix.deploy.releases.layout import AppPlace
    from hop3_nix.deploy.releases.record import Instance, Release
    from hop3_nix.deploy.writable import Writable

SYSTEM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What a local artifact's programs find behind its own PATH; a store path brings everything."""


class Processes:
    """The services of one release, as the service manager of this host is given them."""

    def __init__(self, place: AppPlace, release: Release, state: Path) -> None:
        self._place = place
        self._release = release
        self._state = state

    def services(self) -> tuple[Service, ...]:
        """Return one service for each instance."""
        return tuple(self._service(instance) for instance in self._release.instances)

    def name(self, instance: Instance) -> str:
        """Return the name of the service of ``instance``."""
        return self._name(f"{instance.worker}-{instance.number}")

    def names(self, instances: Iterable[Instance] | None = None) -> tuple[str, ...]:
        """Return the names of the services of ``instances``, by default of all."""
        return tuple(
            self.name(one) for one in (self._release.instances if instances is None else instances)
        )

    def before_run(self) -> tuple[tuple[str, Service], ...]:
        """Return what to run before the workers start, in order: the line and its service."""
        lines = self._runtime.before_run
        return tuple(
            (line, self._once(f"before-{number}", line)) for number, line in enumerate(lines, 1)
        )

    def copy_tree(self) -> Service | None:
        """Return what copies the writable tree for this release, None if another one's is used."""
        release = self._release
        if release.tree != release.number:
            return None
        tree, original = self._tree(release.number), release.artifact.runtime.writable_tree
        # Complete or not there; nobody may write in a store, so that the copy has to be opened.
        script = (
            'rm -rf "$2" "$2.partial" && cp -R -P -p "$1" "$2.partial" && '
            'chmod -R u+w "$2.partial" && mv "$2.partial" "$2"'
        )
        return self._script("tree", script, original, str(tree))

    def remove_trees(self, numbers: Iterable[int]) -> Service:
        """Return what removes the copies that were made for releases ``numbers``.

        As the app's user, because what stands in its directory may be a trap for anybody else.
        """
        trees = [str(self._tree(number)) for number in numbers]
        return self._script("sweep", 'chmod -R u+w "$@" 2>/dev/null; rm -rf "$@"', *trees)

    def everything(self) -> tuple[Service, ...]:
        """Return all that is started of the release, be it once or for good."""
        copy = self.copy_tree()
        once = tuple(service for _, service in self.before_run())
        copies = [service for service in (copy, self.copy_writable()) if service]
        return (*self.services(), *once, *copies)

    def site(self, *, spare: tuple[int, ...] = (), watched: bool = False) -> Site | None:
        """Return how clients reach the release, None if they do not by way of the proxy."""
        release, runtime = self._release, self._runtime
        root = None if release.ports else self._root()
        settings, size = release.settings, runtime.proxy_max_body_size
        if not release.settings.proxy or not (release.ports or root):
            return None
        return Site(
            app=release.app,
            listen=release.settings.listen,
            ports=release.ports,
            spare=spare,
            watched=watched,
            names=release.settings.names,
            protocol=runtime.backend_protocol,
            # As they were built: of a copy that the app writes to, it alone may read anything.
            static={
                prefix: Path(path) for prefix, path in release.artifact.runtime.static_paths.items()
            },
            root=root,
            certificate=Certificate(settings.tls_cert, settings.tls_key)
            if settings.tls_cert
            else None,
            limits=({BODY: size} if size else {}) | settings.proxy_limits,
        )

    def copy_writable(self) -> Service | None:
        """Return what makes the directories that the app writes to, None if it has none."""
        pairs = [str(path) for one in self._writable for path in (one.kept, one.place)]
        if not pairs:
            return None
        text = COPY.read_text(encoding="utf-8")
        return self._script("writable", text, "", *pairs)

    @property
    def _writable(self) -> tuple[Writable, ...]:
        return writable_of(self._release.located(self._place), self._state)

    @property
    def _runtime(self) -> RuntimeConfig:
        runtime = self._release.artifact.runtime
        if self._release.tree is None:
            return runtime
        return pointed_to(runtime, str(self._tree(self._release.tree)))

    def _tree(self, number: int) -> Path:
        return self._state / f"tree-{number}"

    def _root(self) -> Path | None:
        """Return the files of the worker that is no process, if there is one."""
        runtime = self._runtime
        static = [line for name, line in runtime.workers.items() if kind_of(name) == "static"]
        return Path(runtime.working_dir, static[0]) if static else None

    def _service(self, instance: Instance) -> Service:
        release = self._release
        launcher = Path(release.artifact.location, "bin", instance.worker)
        if self._told_by_variables and is_program(launcher):
            env = self._listening(instance) | self._told(instance.port)
            argv: tuple[str, ...] = (str(launcher),)
        else:
            command = split_schedule(instance.worker, self._runtime.workers[instance.worker])[1]
            env = self._listening(instance) | self._environment(instance.port)
            argv = argv_of(command, self._shell, env)
        return self._started(
            self.name(instance),
            f"{release.app} {instance.label} (release {release.number})",
            argv,
            env,
            port=instance.port,
            schedule=instance.schedule,
        )

    def _once(self, name: str, line: str) -> Service:
        launcher = Path(self._release.artifact.location, EXEC)
        if self._told_by_variables and is_program(launcher):
            env = self._told(None)
            argv: tuple[str, ...] = (str(launcher), self._shell, "-c", line)
        else:
            env = self._environment(None)
            argv = argv_of(line, self._shell, env)
        return self._started(
            self._own_name(name),
            f"{self._release.app} {name} (release {self._release.number})",
            argv,
            env,
        )

    def _script(self, name: str, script: str, *arguments: str) -> Service:
        env = self._environment(None)
        env["PATH"] = f"{env['PATH']}:{SYSTEM_PATH}"
        description = f"{self._release.app} {name} (release {self._release.number})"
        argv = (self._shell, "-c", script, name, *arguments)
        return self._started(
            self._own_name(name), description, argv, env, directory="/", binds=False
        )

    def _started(
        self,
        name: str,
        description: str,
        argv: tuple[str, ...],
        env: Mapping[str, str],
        *,
        directory: str = "",
        port: int | None = None,
        schedule: str = "",
        binds: bool = True,
    ) -> Service:
        release = self._release
        return Service(
            app=release.app,
            name=name,
            description=description,
            argv=argv,
            env=env,
            directory=directory or self._runtime.working_dir or str(self._state),
            state=self._state,
            secrets=release.secrets(self._place),
            reads=read_by(release.located(self._place)),
            # Under systemd, nginx reads its configuration, which names all apps, as any user.
            binds=tuple((one.kept, one.place) for one in self._writable) if binds else (),
            hides=tuple(self._place.directory.parent.parent / name for name in ("proxy", "locks")),
            user=release.settings.user,
            port=port,
            ports=release.settings.may_listen_on(port),
            schedule=schedule,
            stop_timeout=release.settings.stop_timeout,
            limits=release.settings.limits,
        )

    @property
    def _told_by_variables(self) -> bool:
        return understands_starters(Path(self._release.artifact.location))

    def _told(self, port: int | None) -> dict[str, str]:
        """Return what the artifact's launchers are told; what they set is theirs alone."""
        runtime, release = self._runtime, self._release
        env = {"HOME": runtime.env_vars.get("HOME", str(self._state))}
        if release.artifact.builder == "local":
            env["PATH"] = SYSTEM_PATH
        env = {name: value for name, value in env.items() if name not in release.variables}
        env |= kept(release.variables, runtime.env_vars)
        env[STATE_VARIABLE] = str(self._state)
        if release.tree is not None:
            env[APP_DIR] = str(self._tree(release.tree))
        return env | ({"PORT": str(port)} if port is not None else {})

    def _environment(self, port: int | None) -> dict[str, str]:
        """Return what an artifact without such launchers needs, but for the user's secrets.

        What the user has set wins over the build.
        """
        runtime, variables = self._runtime, self._release.variables
        env = {name: value for name, value in runtime.env_vars.items() if name not in variables}
        if "PATH" not in variables:
            alone = self._release.artifact.builder == "nix" and runtime.path_prepend
            rest = env.get("PATH", "" if alone else SYSTEM_PATH)
            env["PATH"] = ":".join([*runtime.path_prepend, *filter(None, [rest])])
        env[STATE_VARIABLE] = str(self._state)
        if "HOME" not in variables:
            env.setdefault("HOME", str(self._state))
        env.pop("PORT", None)
        return env | ({"PORT": str(port)} if port is not None else {})

    def _listening(self, instance: Instance) -> dict[str, str]:
        """Return what tells usual servers to listen on loopback, where the proxy alone asks.

        They are defaults: whatever the build or the user has set of them stands.
        """
        release = self._release
        if instance.worker != WEB or not release.settings.proxy:
            return {}
        known = {*release.variables, *self._runtime.env_vars}
        return {
            name: text.replace("@address@", LOOPBACK).replace("@port@", str(instance.port))
            for name, text in _servers().items()
            if name not in known
        }

    @property
    def _shell(self) -> str:
        return shell_of(self._runtime.path_prepend)

    def _name(self, rest: str) -> str:
        part = re.sub(r"[^\w-]", "_", rest, flags=re.ASCII)
        return f"hop3-{self._release.app}-r{self._release.number}-{part}"

    def _own_name(self, name: str) -> str:
        """Return the name of a service of ours: no worker's has a dot."""
        return f"hop3-{self._release.app}-r{self._release.number}-.{name}"


@cache
def _servers() -> dict[str, str]:
    """Return the variables that servers read the address to listen on from, and their values."""
    servers: dict[str, str] = json.loads((NIX / "listen.json").read_bytes())
    return servers
