"""What a service manager is asked for, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

State = Literal["running", "starting", "stopping", "stopped", "failed", "absent"]
"""``stopped`` is known and was asked to stop or ended with 0; ``absent`` is not known."""


@dataclass(frozen=True)
class Service:
    """One process of a release, or one command that runs once, as a service manager is given it."""

    app: str
    name: str
    """Unique on the host: ``hop3-APP-rRELEASE-WORKER-INSTANCE``."""
    description: str
    argv: tuple[str, ...]
    """Absolute program and its arguments: nothing is left to expand."""
    env: Mapping[str, str]
    """All that the process finds, PATH, PORT and HOP3_STATE_DIR included, but no secret."""
    directory: str
    """Working directory."""
    state: Path
    """The one directory that it may write to."""
    secrets: Path | None = None
    """A file of NAME=VALUE lines, mode 0600, that win over ``env``; read at every start."""
    reads: tuple[Path, ...] = ()
    """What it needs to see besides the Nix store and the system: a local artifact's directory."""
    binds: tuple[tuple[Path, Path], ...] = ()
    """What it may write to elsewhere: a directory of the state, and where that appears."""
    hides: tuple[Path, ...] = ()
    """What it must not see, where its manager can keep it from that."""
    user: str = ""
    """The user to run as; empty leaves the choice to the service manager."""
    port: int | None = None
    ports: tuple[int, ...] | None = None
    """The TCP ports that it may listen on, where its manager can keep it to them; None for any."""
    bind_low_ports: bool = False
    """Whether it has to listen on ports below 1024, which ordinary users may not."""
    schedule: str = ""
    """Five cron fields: started at these times instead of being kept running."""
    always: bool = False
    """Whether it is started again however it has ended."""
    stop_timeout: float = 30.0
    """Seconds between SIGTERM and SIGKILL."""
    wrapper: tuple[str, ...] = ()
    """What becomes ``argv``, if something has to be done first: a program and its arguments."""
    limits: Mapping[str, str] = field(default_factory=dict)
    """Resource limits by their systemd names (MemoryMax, CPUQuota, TasksMax, LimitNOFILE)."""


@dataclass(frozen=True)
class ServiceStatus:
    """What a service manager says of one service."""

    state: State
    pid: int | None = None
    status: int | None = None
    """Exit status of the last end, negative for a signal (-1 for one that the manager does not
    tell); None if it never ended, or the manager does not tell."""
    restarts: int = 0
    since: str = ""
    """When it came into this state: ISO 8601, UTC; empty if the manager does not tell."""


class Services(Protocol):
    """A service manager. Every member may be repeated, and unknown names do no harm.

    All raise UnavailableError if the manager cannot be reached, and ServiceError, with what it
    said, if it refuses.
    """

    @property
    def name(self) -> str:
        """Return its name, for messages and for the record of a deployment."""

    def state_directory(self, app: str) -> Path:
        """Return where the processes of ``app`` may write, as they see it; it outlives releases."""

    def other_root(self) -> Path | None:
        """Return the root whose apps this manager has, if it is another one than ours.

        There is nothing in the names of services to tell their roots apart.
        """

    def check(self, services: Sequence[Service], secrets: Mapping[str, str]) -> None:
        """Raise what can be told, before anything is touched, to keep ``services`` from starting.

        ``secrets`` are what their file will hold. That is InputError for what can never be, and
        UnavailableError for what this manager or this machine cannot do.
        """

    def install(self, services: Sequence[Service]) -> None:
        """Make the manager know ``services``, starting none; each file is whole or absent."""

    def start(self, names: Sequence[str]) -> None:
        """Start what does not run; returns when the manager has accepted, not when they answer."""

    def stop(self, names: Sequence[str]) -> None:
        """Stop what runs; returns when every process has ended."""

    def pause(self, names: Sequence[str]) -> None:
        """Have those of ``names`` with a schedule start nothing more; what they run goes on.

        `processes` tells whether anything does; `start` has them go on.
        """

    def remove(self, names: Sequence[str]) -> None:
        """Stop and forget."""

    def enable(self, app: str, names: Sequence[str]) -> None:
        """Have exactly ``names`` started at boot for ``app``, in one step that cannot be torn."""

    def forget(self, app: str) -> None:
        """Leave nothing of ``app``, which has no services any more."""

    def installed(self, app: str) -> tuple[str, ...]:
        """Return the names of all services of ``app`` that the manager knows, sorted."""

    def status(self, names: Sequence[str]) -> Mapping[str, ServiceStatus]:
        """Return the status of each of ``names``."""

    def processes(self, name: str) -> frozenset[int]:
        """Return all processes of service ``name``, whatever they have left or been left by."""

    def run(self, service: Service, *, timeout: float, line: Callable[[str], None]) -> int:
        """Run ``service`` once, to its end, and return its exit status.

        ``line`` is given each line it prints. Raises ServiceTimeoutError after ``timeout`` seconds,
        when all of its processes have been ended.
        """

    def logs(self, names: Sequence[str], *, lines: int, follow: bool) -> Iterator[tuple[str, str]]:
        """Yield (service, line): the last ``lines``, oldest first; then new ones if ``follow``."""
