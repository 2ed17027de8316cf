"""Commands that have to refuse: what they say and return, and that they leave nothing behind."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COMMAND: Final = Path(sys.executable).with_name("hop3-nix")

CACHES: Final = frozenset({"library", "nixpkgs", "python", "tools"})
"""Directories of the state that only save time, whose files are complete or not there."""

LOGS: Final = frozenset({"build.log", "build.log.1"})
LOCKS: Final = frozenset({"lock", ".lock"})
LAYERS: Final = (("app",), ("deps",), ("stages",))
TEMPORARY: Final = re.compile(r"\..+\.[A-Za-z0-9_]+")
"""The new file while it is not in its place: the name of the old one between dots, and a suffix."""

INDEXES: Final = ("debian/contents-", "debian/packages.json")
"""What is known of Debian's packages, for the hint below an error."""


def content(directory: Path) -> dict[str, str]:
    """Return the files and links of ``directory``, by path, with a digest or the link's target."""
    return dict(_entries(directory, directory))


def kept_content(state: Path) -> dict[str, str]:
    """Return what a command that refuses must not have changed in a state directory."""
    return {
        path: digest
        for path, digest in content(state).items()
        for parts in [Path(path).parts]
        if parts[0] not in CACHES
        and parts[-1] not in LOGS | LOCKS
        and parts[:2] != ("debian", "apt")
        and not path.startswith(INDEXES)
    }


def temporary_files(state: Path) -> list[str]:
    """Return the files that an atomic replacement left behind.

    What applications and their packages consist of may be called anything.
    """
    return [
        path
        for path in content(state)
        for parts in [Path(path).parts]
        if parts[-1].startswith(".") and parts[-1] not in LOCKS
        if (parts[0], *parts[2:3]) != ("apps", "releases") or parts[4:5] not in LAYERS
    ]


@dataclass(frozen=True)
class Refusal:
    """One refusal."""

    said: str
    """All of standard error."""

    @property
    def error(self) -> str:
        """Return the message and the tip, which is indented below it."""
        return "error: " + f"\n{self.said}".rpartition("\nerror: ")[2]

    @property
    def headline(self) -> str:
        """Return the first line of the message."""
        return self.error.splitlines()[0]


@dataclass(frozen=True)
class Refuse:
    """Runs the command where it has to refuse."""

    state: Path
    scratch: Path
    """An empty directory that the command takes for temporary files."""
    env: Mapping[str, str] = field(default_factory=dict)
    front: Sequence[str | Path] = ()
    """What goes in front of the command."""

    def environment(self) -> dict[str, str]:
        """Return the whole environment of the command."""
        own = {"HOP3_NIX_STATE": str(self.state), "TMPDIR": str(self.scratch)}
        return {**os.environ, **own, **self.env}

    def __call__(
        self,
        *arguments: str | Path,
        code: int,
        says: str,
        tip: str,
        app: Path | None = None,
        cwd: Path | None = None,
    ) -> Refusal:
        """Return what was said, after looking at all that holds of every refusal.

        ``says`` begins the message; ``tip`` is part of what stands below it. The state and
        ``app`` have to be what they were.
        """
        watched = [app] if app is not None else []
        before = [kept_content(self.state), *map(content, watched)]
        done = subprocess.run(
            [*self.front, COMMAND, *arguments],
            cwd=cwd,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        refusal = Refusal(done.stderr)
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert refusal.headline.startswith(f"error: {says}"), refusal.error
        assert tip in refusal.error.partition("\n")[2], refusal.error
        assert [kept_content(self.state), *map(content, watched)] == before
        assert temporary_files(self.state) == []
        assert list(content(self.scratch)) == []
        return refusal


def _entries(root: Path, directory: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(directory.iterdir()):
        name = str(path.relative_to(root))
        if path.is_symlink():
            yield name, f"-> {path.readlink()}"
        elif path.is_dir():
            yield from _entries(root, path)
        else:
            yield name, hashlib.sha256(path.read_bytes()).hexdigest()
