"""The accounts that Nix builds as where root starts it, so that no build step is root.

A builder that is root owns its own inputs and the kernel's settings, inside the sandbox as well
(the Nix manual, "Multi-User Mode"). Nix takes the members of a group, and locks one for each build.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import UnavailableError
from hop3_nix.host import process
from hop3_nix.nix import commands as nixcli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hop3_nix.host.process import Runner

GROUP: Final = "nixbld"
"""Nix's default for root."""

MANY: Final = 32
"""As many as Nix's own installer makes; a build waits while all of them are in use."""

COMMAND: Final = (
    f"groupadd --system {GROUP}; for n in $(seq {MANY}); do useradd --system --gid {GROUP} "
    f"--groups {GROUP} --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "
    f"{GROUP}$n; done"
)
"""What root can type to make them; `make` does the same."""

_OPTION: Final = re.compile(r"^\s*(?:build-users-group\s*=|!?include\s)", re.MULTILINE)


def ensure(note: Callable[[str], None], *, run: Runner = process.run) -> None:
    """Make sure that root builds as other users, whom it makes if there are none.

    Does nothing for who is not root. ``note`` is told of what is made. Raises UnavailableError if
    they cannot be made, or the configuration of Nix wants none.
    """
    if os.geteuid() != 0:
        return
    group = _configured(run)
    if not group:
        raise UnavailableError(
            "Nix is set to build as root, who owns all that a build step could change",
            tip="Take `build-users-group =` out of nix.conf and NIX_CONFIG.",
        )
    # Who builds for others has users of its own, maybe on another machine.
    if os.environ.get("NIX_REMOTE", "auto") not in {"", "auto", "local"}:
        return
    if not _members(group):
        if group != GROUP or not _make(run):
            raise UnavailableError(
                f"Nix has no users to build as: the group {group} has no members",
                tip=f"As root: {COMMAND.replace(GROUP, group)}",
            )
        note(f"made {MANY} users for Nix to build as, the group {GROUP}")
    _refuse_unmapped(group)


def _configured(run: Runner) -> str:
    """Return the group that Nix will take; Nix itself, which is slow, is asked if need be."""
    said = [os.environ.get("NIX_CONFIG", ""), *(_text(file) for file in _files())]
    if not any(_OPTION.search(text) for text in said):
        return GROUP
    return str(nixcli.configured("build-users-group", run=run))


def _files() -> Iterator[Path]:
    """Give the files that Nix reads its options from (nix.conf(5)); they need not be there."""
    yield Path(os.environ.get("NIX_CONF_DIR", "/etc/nix"), "nix.conf")
    if (named := os.environ.get("NIX_USER_CONF_FILES")) is not None:
        yield from (Path(name) for name in named.split(":") if name)
        return
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    shared = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    yield from (Path(name, "nix", "nix.conf") for name in (home, *shared.split(":")))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _members(group: str) -> list[str]:
    try:
        return grp.getgrnam(group).gr_mem
    except KeyError:
        return []


def _make(run: Runner) -> bool:
    """Make the group and its users; return whether there are any now.

    Somebody else may be doing the same: what is there already is as good.
    """
    if shutil.which("useradd") is None or shutil.which("groupadd") is None:
        return False
    run(["groupadd", "--system", GROUP])
    for number in range(1, MANY + 1):
        account = ("--system", "--gid", GROUP, "--groups", GROUP, "--comment", "Nix build user")
        nowhere = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
        run(["useradd", *account, *nowhere, f"{GROUP}{number}"])
    return bool(_members(GROUP))


def _refuse_unmapped(group: str) -> None:
    """Raise UnavailableError if this root is that of a user namespace without those users."""
    text = Path("/proc/self/uid_map").read_text(encoding="ascii")
    ranges = [tuple(map(int, line.split())) for line in text.splitlines()]
    for member in _members(group):
        try:
            user = pwd.getpwnam(member).pw_uid
        except KeyError:
            continue  # Nix names it
        if not any(first <= user < first + length for first, _, length in ranges):
            raise UnavailableError(
                f"Nix cannot build as {member}: the user namespace of this root has no user {user}",
                tip="Give the container a range of users (subuid(5)), or build as a user with a "
                "store of their own.",
            )
