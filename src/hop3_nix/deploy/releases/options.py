"""What a user asks of one deployment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class DeployOptions:
    """None stands for what the release that runs has, else for the default (settings.py)."""

    name: str = ""
    """Empty for the artifact's own."""
    origin: str = ""
    """Where the artifact was built, if that is another machine."""
    take_over: bool = False
    """Whether it may take the place of an app that came from elsewhere."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables to set from now on, beside those that are set."""
    verify_contents: bool = False
    """Whether to read every file of the closure."""
    require_signatures: bool = False
    """Whether every path of the closure has to be signed by a key that is trusted here."""
    scale: Mapping[str, int] = field(default_factory=dict)
    """Worker to the number of its instances, beside what is set."""
    limits: Mapping[str, str] = field(default_factory=dict)
    """Limit to its value, beside what is set; an empty one takes it away."""
    proxy_limits: Mapping[str, str] = field(default_factory=dict)
    """Limit of the proxy to its value, beside what is set; an empty one takes it away."""
    tls_cert: str | None = None
    tls_key: str | None = None
    listen: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    proxy: bool | None = None
    ports: tuple[str, ...] | None = None
    user: str | None = None
    keep: int | None = None
    health_path: str | None = None
    health_status: tuple[int, int] | None = None
    health_timeout: float | None = None
    stays_up: float | None = None
    before_run_timeout: float | None = None
    stop_timeout: float | None = None
    drain: float | None = None
    warm: float | None = None
    job_timeout: float | None = None
