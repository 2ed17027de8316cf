"""Nix's flakes: the package set as one, and the versions of Nix that are there to try them with."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSIONS: Final = ("installed", "2.26")
"""The Nix of this machine, and that of the embedded set."""


@dataclass(frozen=True)
class Flakes:
    """One version of Nix, evaluating flakes purely, with the Debian set in the place of nixpkgs."""

    program: str
    debian: Path

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the options that exchange nixpkgs and leave lockfiles as they are."""
        override = ("--override-input", "nixpkgs", f"path:{self.debian}")
        return (*override, "--no-write-lock-file")

    def argv(self, verb: str, *arguments: str | Path) -> list[str]:
        """Return the command; ``verb`` may be two words."""
        return [self.program, *verb.split(), *self.inputs, *map(str, arguments)]

    def environment(self) -> Mapping[str, str]:
        """Return the environment of a user who has nothing but Nix and the flake of the set."""
        hidden = ("HOP3_NIX_STATE", "NIX_CONFIG", "NIX_PATH")
        env = {name: value for name, value in os.environ.items() if name not in hidden}
        return {**env, "NIX_USER_CONF_FILES": str(self.debian / "nix.conf")}

    def run(
        self, verb: str, *arguments: str | Path, cwd: Path | None = None, status: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Return what Nix printed; it has to return ``status``."""
        done = subprocess.run(
            self.argv(verb, *arguments),
            cwd=cwd,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{done.args} -> {done.returncode}\n{done.stderr}"
        return done
