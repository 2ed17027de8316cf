"""What a reverse proxy is asked for, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hop3_nix.deploy.questions import Check
    from hop3_nix.deploy.services.base import State


@dataclass(frozen=True)
class Certificate:
    """What a site proves by TLS who it is with: two PEM files."""

    chain: str
    key: str

    @property
    def files(self) -> tuple[str, str]:
        """Return both."""
        return self.chain, self.key


@dataclass(frozen=True)
class Site:
    """One app as clients reach it."""

    app: str
    listen: tuple[str, ...]
    """``PORT`` or ``ADDRESS:PORT``."""
    ports: tuple[int, ...]
    """Ports on loopback of the instances that serve it."""
    spare: tuple[int, ...] = ()
    """Ports that are tried only where none of ``ports`` accepts a connection."""
    names: tuple[str, ...] = ()
    """Host names; empty for any."""
    protocol: Literal["http", "fastcgi"] = "http"
    static: Mapping[str, Path] = field(default_factory=dict)
    """URL prefix to the directory that is served for it without asking the app."""
    watched: bool = False
    """Whether `Proxy.answers` will be asked of it."""
    certificate: Certificate | None = None
    """Makes all of its addresses speak TLS, but for port 80, which leads to the first of them."""
    limits: Mapping[str, str] = field(default_factory=dict)
    """What clients may send and how long may be waited (limits.py)."""
    root: Path | None = None
    """The directory of a ``static`` worker, for an app that has no instance of its own."""


class Proxy(Protocol):
    """A reverse proxy. Every member may be repeated.

    All raise UnavailableError if there is none or it cannot be started, and ProxyError, with what
    it said, if it refuses its configuration; the previous one is then still in force.
    """

    def check(self, site: Site) -> None:
        """Raise what can be told, before anything is touched, against serving ``site``."""

    def apply(self, site: Site) -> None:
        """Serve ``site`` so from now on: returns when every new connection goes by it."""

    def remove(self, app: str) -> None:
        """Serve ``app`` no longer."""

    def state(self) -> State:
        """Return whether it runs, as a service manager says it."""

    def sites(self) -> tuple[str, ...]:
        """Return the apps it serves, sorted."""

    def ask(self, site: Site, question: Check) -> None:
        """Raise ProxyError unless what clients of ``site`` get is an answer, and from here."""

    def now(self) -> int:
        """Return what stands for this moment, for `answers`."""

    def answers(self, ports: Sequence[int], since: int) -> Sequence[int]:
        """Return the statuses that ``ports`` of watched sites have answered with since then."""

    def drain(self, ports: Sequence[int], seconds: float) -> bool:
        """Return whether every request that went to ``ports`` is answered, waiting for it.

        ``ports`` are those that no site names any more; ``seconds`` is the longest wait.
        """
