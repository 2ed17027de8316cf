"""The service manager of a host, called from here as the code on the host would call it."""

from __future__ import annotations

import base64
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hop3_nix.deploy.services.base import Service, ServiceStatus
    from host import Host

PYTHON: Final = "/opt/hop3-nix/bin/python3.11"

CALL: Final = """
import base64, pickle, sys
from hop3_nix.deploy.releases.layout import Layout, default_root
from hop3_nix.deploy.services.systemd import Systemd
from hop3_nix.errors import Hop3NixError

method, arguments, options = pickle.loads(base64.b64decode(sys.stdin.read()))
lines = []
if method == "run":
    options["line"] = lines.append
try:
    result = getattr(Systemd(Layout(default_root())), method)(*arguments, **options)
    result = list(result) if method == "logs" else result
except Hop3NixError as error:
    result = (type(error).__name__, str(error), error.tip)
    sys.exit(base64.b64encode(pickle.dumps(result)).decode())
print(base64.b64encode(pickle.dumps((result, lines))).decode())
"""


class RefusedError(Exception):
    """What the host's service manager refused: the error's class, text and tip."""


@dataclass(frozen=True)
class Driven:
    """`Systemd` on ``host``, as ``user`` there."""

    host: Host
    user: str = "root"

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Return what the method returned. Raises RefusedError."""
        given = base64.b64encode(pickle.dumps((method, arguments, options))).decode()
        argv = [PYTHON, "-c", CALL]
        done = self.host.run(argv, stdin=given, user=self.user, status=None)
        if done.returncode == 1 and done.stderr.isascii() and " " not in done.stderr.strip():
            raise RefusedError(*pickle.loads(base64.b64decode(done.stderr)))  # noqa: S301 - ours
        assert done.returncode == 0, done.stderr
        result, lines = pickle.loads(base64.b64decode(done.stdout))  # noqa: S301 - ours
        return (result, lines) if method == "run" else result

    def state_directory(self, app: str) -> Path:
        """Return what `Services.state_directory` does."""
        return Path(self.call("state_directory", app))

    def install(self, *services: Service) -> None:
        """Install ``services``."""
        self.call("install", services)

    def up(self, *services: Service) -> None:
        """Install and start ``services``."""
        self.install(*services)
        self.call("start", [service.name for service in services])

    def status(self, name: str) -> ServiceStatus:
        """Return the status of one service."""
        statuses: Mapping[str, ServiceStatus] = self.call("status", [name])
        return statuses[name]

    def run(self, service: Service, timeout: float = 20.0) -> tuple[int, list[str]]:
        """Return status and lines of what ran once."""
        status, lines = self.call("run", service, timeout=timeout)
        return status, lines

    def logs(self, *names: str, lines: int = 100) -> Sequence[tuple[str, str]]:
        """Return service and line of what the journal has."""
        found: Sequence[tuple[str, str]] = self.call("logs", names, lines=lines, follow=False)
        return found
