"""Where the releases of a host's apps stand."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hop3_nix.errors import InputError

ROOT_VARIABLE: Final = "HOP3_DEPLOY_ROOT"
SYSTEM_ROOT: Final = Path("/var/lib/hop3")

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
LIKE_A_RELEASE: Final = re.compile(r"-r[0-9]+(?:-|$)")
"""What would make the names of one app's services look like another app's."""

RESERVED: Final = "hop3"
"""What the names of services begin with that belong to no app."""

ANOTHER_ROOT: Final = "Become root, or name a directory of your own: --root DIR"
"""What to do if nothing can be written in a root."""

PRIVATE: Final = 0o700
PASSABLE: Final = 0o711
"""What is in such a directory can be reached by those who know its name, and not listed."""


@dataclass(frozen=True)
class AppPlace:
    """Where one app stands: its releases, its environment, and what is under way."""

    directory: Path
    name: str

    @property
    def lock(self) -> Path:
        """Return the lock that whoever changes the app holds; it outlives the app."""
        return self.directory.parent.parent / "locks" / self.name

    @property
    def origin(self) -> Path:
        """Return the file that says where the app came from (origin.py)."""
        return self.directory / "origin"

    @property
    def environment(self) -> Path:
        """Return the file of the variables that the next release is started with."""
        return self.directory / "environment"

    @property
    def profile(self) -> Path:
        """Return the Nix profile; its generations keep the releases' store paths."""
        return self.directory / "profile"

    @property
    def releases(self) -> Path:
        """Return the directory of the releases, each below its number."""
        return self.directory / "releases"

    @property
    def current(self) -> Path:
        """Return the link to the release that serves; pointing it elsewhere is the commit."""
        return self.directory / "current"

    @property
    def transition(self) -> Path:
        """Return the file that says what is under way, if anything is."""
        return self.directory / "transition.json"

    @property
    def stopped(self) -> Path:
        """Return the file that is there while the app is stopped because somebody asked for it."""
        return self.directory / "stopped"

    @property
    def state(self) -> Path:
        """Return the app's own directory, for a service manager that has none to give."""
        return self.directory / "state"

    def release(self, number: int) -> Path:
        """Return the directory of release ``number``."""
        return self.releases / str(number)

    def current_number(self) -> int | None:
        """Return the number of the release that serves, None before the first one did."""
        try:
            return int(self.current.readlink().name)
        except FileNotFoundError:
            return None

    def exists(self) -> bool:
        """Return whether there is such an app: a release, or variables for the first one."""
        return self.releases.is_dir() or self.environment.exists() or self.transition.exists()

    def make(self) -> None:
        """Make the directories."""
        make_directory(self.directory.parent, PASSABLE)
        make_directory(self.directory, PASSABLE)
        make_directory(self.releases, PRIVATE)


@dataclass(frozen=True)
class Layout:
    """The directory of all deployed apps of a host, or of one user of it."""

    root: Path

    def app(self, name: str) -> AppPlace:
        """Return the place of app ``name``. Raises InputError if it cannot be a name."""
        return AppPlace(self.root / "apps" / checked_name(name), name)

    def apps(self) -> tuple[str, ...]:
        """Return the names of all apps, sorted."""
        try:
            names = sorted(path.name for path in (self.root / "apps").iterdir())
        except FileNotFoundError:
            return ()
        return tuple(name for name in names if AppPlace(self.root / "apps" / name, name).exists())

    def make(self) -> None:
        """Make the directories that all apps share. Raises OSError."""
        make_directory(self.root / "apps", PASSABLE)
        make_directory(self.ports_lock.parent, PRIVATE)

    @property
    def host(self) -> Path:
        """Return the file that says which service manager this root is served by."""
        return self.root / "host.json"

    @property
    def ports_lock(self) -> Path:
        """Return the lock that whoever chooses ports holds."""
        return self.root / "locks" / ".ports"

    @property
    def proxy_lock(self) -> Path:
        """Return the lock that whoever changes what the proxy serves holds."""
        return self.root / "locks" / ".proxy"

    @property
    def proxy(self) -> Path:
        """Return the directory of the reverse proxy."""
        return self.root / "proxy"

    @property
    def supervisor(self) -> Path:
        """Return the directory of the service manager, if it is one that we start."""
        return self.root / "supervisor"


def make_directory(directory: Path, mode: int) -> None:
    """Make ``directory``, which nobody may open but with ``mode``. Raises OSError.

    One that an older version has made gets the same mode.
    """
    directory.mkdir(mode=mode, parents=True, exist_ok=True)
    found = directory.stat()
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != mode:
        directory.chmod(mode)


def default_root() -> Path:
    """Return $HOP3_DEPLOY_ROOT, else /var/lib/hop3 for root, else hop3 in the XDG state (0.8)."""
    if chosen := os.environ.get(ROOT_VARIABLE):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return SYSTEM_ROOT
    base = os.environ.get("XDG_STATE_HOME", "")
    # XDG: a relative path in the variable is invalid and has to be ignored.
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local/state") / "hop3"


def checked_name(name: str) -> str:
    """Return ``name`` if an app can be called so. Raises InputError."""
    if not NAME.fullmatch(name) or LIKE_A_RELEASE.search(name) or name.startswith(RESERVED):
        raise InputError(
            f"an app cannot be called {name!r}",
            tip="Small letters, digits and dashes, at most 41, not beginning with a dash or "
            f"{RESERVED!r}, and without -r and a number, as in my-r2: --name NAME",
        )
    return name


def name_from(text: str) -> str:
    """Return the name that an app called ``text`` gets here unless another is given."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:41].rstrip("-") or "app"
