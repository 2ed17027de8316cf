"""What is deployed to other hosts, and how they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hop3_nix.deploy.remote.request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hop3_nix.deploy.remote.program import Program


@dataclass(frozen=True)
class Order:
    """What is deployed, and how a host is told."""

    app: str
    location: Path
    """The store path of the artifact."""
    program: Program
    options: tuple[str, ...] = ()
    """Of ``deploy`` there, beside the artifact, --name and --env-file."""
    environment: Mapping[str, str] = field(default_factory=dict)
    root: str = ""
    """The root of all deployments there, if it is not the host's own choice."""
    key: Path | None = None
    """A secret key to sign the closure with."""
    signatures: bool = False
    """Whether signatures that are known here are wanted there, where the paths are already."""

    def deploy(self) -> Request:
        """Return the deployment as a command there. Raises InputError for a value with lines."""
        words = ("deploy", "--name", self.app, *self.options, "--", str(self.location))
        return Request.of(words, self.environment)

    def command(self, *words: str) -> Request:
        """Return another command about the same deployments there."""
        root = ("--root", self.root) if self.root else ()
        return Request(arguments=(*words, *root))
