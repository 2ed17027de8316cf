"""A private nginx in front of all sites of one root, run as a service."""

from __future__ import annotations

import errno
import os
import signal
import socket
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.deploy.proxy import answers, asking, certificates, nginx_conf, serving, workers
from hop3_nix.deploy.proxy.program import NAME, find_nginx, service_of
from hop3_nix.deploy.proxy.shape import Shape
from hop3_nix.deploy.releases.layout import PASSABLE, PRIVATE, make_directory
from hop3_nix.errors import InputError, ProxyError, UnavailableError
from hop3_nix.files.atomic import sync_directory, write_text_atomic
from hop3_nix.files.resources import NIX
from hop3_nix.host import process
from hop3_nix.host.state import lock, writing_to

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from hop3_nix.deploy.proxy.base import Site
    from hop3_nix.deploy.questions import Check
    from hop3_nix.deploy.releases.layout import Layout
    from hop3_nix.deploy.services.base import Services, State

MEDIA_TYPES: Final = NIX / "lib/languages/static/server/mime.types"

PROXY_LOCK_LIMIT: Final = 120.0
"""Seconds; whoever has the lock waits for nginx at most twice."""

COMES_UP_WITHIN: Final = 20.0
"""Seconds from a start or a reload to the first worker with the new configuration."""


class Nginx:
    """The nginx of a deployment's root; nothing is started by making this object."""

    def __init__(self, layout: Layout, services: Services) -> None:
        self._directory = layout.proxy
        self._lock = layout.proxy_lock
        self._services = services

    @property
    def _conf(self) -> Path:
        return self._directory / "nginx.conf"

    def check(self, site: Site) -> None:
        """Raise UnavailableError without nginx or a usable root, ProxyError for what it refuses.

        Whether another program has its addresses is seen when it is applied: the one that has
        them may be the release before.
        """
        find_nginx()
        self._refuse_odd_path()
        if site.certificate:
            certificates.read(site.certificate)
        self._refuse_taken(Shape.of(site), nginx_conf.read(self._conf), but={errno.EADDRINUSE})

    def apply(self, site: Site) -> None:
        """Serve ``site`` so from now on.

        Ports and directories change between two requests; connections are taken anew only if
        anything else of the site is not as it was. Raises as `Proxy` says.
        """
        program = find_nginx()
        with self._locked():
            shapes = nginx_conf.read(self._conf)
            shape = Shape.of(site, self._certified(site, shapes.get(site.app)))
            text = self._render({**shapes, site.app: shape})
            if self._conf.exists() and self._conf.read_text(encoding="utf-8") == text:
                serving.serve(self._directory, site)
                self._ensure_running(program)
                return
            self._refuse_taken(shape, shapes)
            with self._tested(program, text) as accepted:
                former = serving.serve(self._directory, site)
                self._replace(accepted)
            try:
                self._take_in_force(program, shapes)
            except ProxyError:
                serving.go_back(self._directory, site.app, former)
                raise
            self._forget_certificates()

    def remove(self, app: str) -> None:
        """Serve ``app`` no longer; with the last site the service goes as well."""
        if app not in self.sites():
            if (self._directory / serving.SITES / app).exists():  # one that was killed left them
                with self._locked():
                    serving.forget(self._directory, app)
            return
        program = find_nginx()
        with self._locked():
            former = nginx_conf.read(self._conf)
            shapes = {name: shape for name, shape in former.items() if name != app}
            if shapes:
                with self._tested(program, self._render(shapes)) as accepted:
                    self._replace(accepted)
                self._take_in_force(program, former)
            else:
                self._services.enable(NAME, [])
                self._services.remove([NAME])
                self._services.forget(NAME)
                self._conf.unlink(missing_ok=True)
            serving.forget(self._directory, app)
            self._forget_certificates()

    def state(self) -> State:
        """Return whether it runs, as the service manager says it."""
        return self._services.status([NAME])[NAME].state

    def sites(self) -> tuple[str, ...]:
        """Return the apps it serves, sorted. Raises UnavailableError if there is no nginx."""
        find_nginx()
        return tuple(sorted(nginx_conf.read(self._conf)))

    def ask(self, site: Site, question: Check) -> None:
        """Raise ProxyError unless what clients of ``site`` get is an answer, and nginx's."""
        asking.ask_through(self._services, site, question)

    def now(self) -> int:
        """Return what stands for this moment, for `answers`."""
        return answers.now(self._services.state_directory(NAME))

    def answers(self, ports: Sequence[int], since: int) -> list[int]:
        """Return the statuses that ``ports`` of watched sites have answered with since then."""
        return answers.read(self._services.state_directory(NAME), ports, since)

    def drain(self, ports: Sequence[int], seconds: float) -> bool:
        """Return whether nothing is connected to ``ports`` any more, after ``seconds`` at most.

        nginx keeps no connection to an instance once its answer has come.
        """
        return workers.wait_until(lambda: not workers.is_connected(ports), seconds)

    def _refuse_odd_path(self) -> None:
        if not serving.PLAIN.fullmatch(str(self._directory)):
            raise UnavailableError(
                f"nginx cannot work below {self._directory}",
                tip="Give a directory whose path has only letters, digits and ._-/ : --root DIR",
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._refuse_odd_path()
        with writing_to(self._directory.parent):
            make_directory(self._lock.parent, PRIVATE)
            make_directory(self._directory, PASSABLE)
            make_directory(self._directory / serving.SITES, PASSABLE)
        with lock(self._lock, "the proxy of all apps", limit=PROXY_LOCK_LIMIT):
            types = self._directory / "mime.types"
            if not types.exists():
                write_text_atomic(types, MEDIA_TYPES.read_text())
            yield

    def _certified(self, site: Site, former: Shape | None) -> str:
        """Have a copy of the certificate where nginx reads it, and return its name.

        Where the files are not there any more, what is in force goes on. Raises InputError.
        """
        if site.certificate is None:
            return ""
        try:
            texts = certificates.read(site.certificate)
        except InputError:
            if former and former.tls:
                return former.tls
            raise
        name = certificates.name_of(site.app, texts)
        certificates.keep(self._state, name, texts)
        return name

    def _forget_certificates(self) -> None:
        wanted = {shape.tls for shape in nginx_conf.read(self._conf).values()}
        certificates.forget(self._state, wanted)

    @property
    def _state(self) -> Path:
        return self._services.state_directory(NAME)

    def _render(self, shapes: Mapping[str, Shape]) -> str:
        return nginx_conf.render(
            shapes.values(),
            self._directory,
            as_root=self._services.name != "systemd" and not self._others_may_pass(),
            ipv6=Path("/proc/net/if_inet6").exists(),
            state=self._state,
        )

    def _others_may_pass(self) -> bool:
        """Return whether whoever nginx's workers run as can follow the links, root aside."""
        passable = all(
            path.stat().st_mode & 0o001 for path in (self._directory, *self._directory.parents)
        )
        return passable or os.geteuid() != 0

    @contextmanager
    def _tested(self, program: str, text: str) -> Iterator[Path]:
        """Give a file with ``text``, which nginx has accepted. Raises ProxyError if it has not."""
        candidate = self._directory / "nginx.conf.candidate"
        # It names all apps. Under systemd nginx reads it as a user of its own, and apps cannot
        # see the directory; elsewhere its master process is ours.
        private = self._services.name != "systemd" or os.geteuid() != 0
        write_text_atomic(candidate, text, mode=0o600 if private else 0o644)
        try:
            with tempfile.TemporaryDirectory() as prefix:
                argv = [program, "-t", "-q", "-e", "stderr", "-p", prefix, "-c", str(candidate)]
                done = process.run(argv)
            if done.status != 0:
                raise ProxyError(
                    "nginx refused the configuration, and the one before stays in force",
                    tip=done.stderr.strip(),
                )
            yield candidate
        finally:
            candidate.unlink(missing_ok=True)

    def _replace(self, accepted: Path) -> None:
        accepted.replace(self._conf)
        sync_directory(self._directory)

    def _refuse_taken(
        self, shape: Shape, shapes: Mapping[str, Shape], *, but: Collection[int] = ()
    ) -> None:
        """Raise ProxyError if an address of ``shape`` cannot be had, unless it is for ``but``.

        Another program may have it already, or it is not for this user.
        """
        ours = {listen for known in shapes.values() for listen in known.listen}
        for listen in sorted(set(shape.listen) - ours):
            given, _, port = listen.rpartition(":")
            address = given.strip("[]") or "0.0.0.0"  # noqa: S104 - as nginx does
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, int(port)))
                except OSError as error:
                    if error.errno in but:
                        continue
                    tip = "Stop the program that listens there (ss -ltnp)."
                    if error.errno == errno.EACCES:
                        tip = "Ports below 1024 are for root."
                    raise ProxyError(
                        f"{shape.app} cannot listen on {listen}: {error.strerror}",
                        tip=f"{tip} Or take another port: --listen PORT",
                    ) from error

    def _take_in_force(self, program: str, former: Mapping[str, Shape]) -> None:
        """Have nginx go by its file; returns when no connection is taken by the former one.

        If it does not, the former configuration is put back. Raises ProxyError.
        """
        master = self._services.status([NAME])[NAME].pid
        before = workers.workers(master) if master else frozenset()
        if not master or not before:
            self._ensure_running(program)
            return
        os.kill(master, signal.SIGHUP)

        def replaced() -> bool:
            now = workers.workers(master)
            return bool(now) and not now & before

        if not workers.wait_until(replaced, COMES_UP_WITHIN):
            mode = stat.S_IMODE(self._conf.stat().st_mode)
            write_text_atomic(self._conf, self._render(former), mode=mode)
            raise ProxyError(
                "nginx did not take the new configuration, and the one before stays in force",
                tip=self._last_words(),
            )

    def _ensure_running(self, program: str) -> None:
        """Start the service if it does not run, and have it started at boot."""
        if self._services.status([NAME])[NAME].state == "running":
            return
        state = self._services.state_directory(NAME)
        self._services.install([service_of(program, self._conf, state)])
        self._services.start([NAME])
        self._services.enable(NAME, [NAME])

        def is_up() -> bool:
            pid = self._services.status([NAME])[NAME].pid
            return pid is not None and bool(workers.workers(pid))

        if not workers.wait_until(is_up, COMES_UP_WITHIN):
            raise ProxyError("nginx did not come up", tip=self._last_words())

    def _last_words(self) -> str:
        lines = self._services.logs([NAME], lines=5, follow=False)
        return "\n".join(line for _, line in lines) or "hop3-nix logs has nothing of it."
