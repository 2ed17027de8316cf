"""What keeps a worker to itself: its user, and what it sees of the file system.

A worker never writes into the Nix store, whoever starts it: it runs as a user of its own if that
can be arranged, and in a mount namespace where the store cannot be written to.
"""

from __future__ import annotations

import json
import os
import pwd
import stat
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from hop3_nix import errors
from hop3_nix.deploy import confine, users
from hop3_nix.deploy.artifact import STORE
from hop3_nix.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hop3_nix.deploy.artifact import Located

Namespace = Literal["", "root", "user"]
"""None, one that root makes, or one inside a user namespace, which anybody can make."""

ROOT: Final = "root"

EVERYBODYS: Final = tuple(map(Path, ("/usr", "/bin", "/sbin")))
"""What every service sees anyway."""


@dataclass(frozen=True)
class Confinement:
    """What `confine.enter` is told."""

    user: str = ""
    """Name or number; empty for whoever starts it."""
    namespace: Namespace = ""
    readonly: tuple[str, ...] = ()
    over: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...] = ()
    """Directories that the user may not pass, and what is shown in them: path, and if writable."""
    binds: tuple[tuple[str, str], ...] = ()
    """What appears where."""
    low_ports: bool = False
    ports: tuple[int, ...] | None = None
    """The TCP ports that it may listen on, if the kernel can keep it to them; None for any."""

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)

    @property
    def numbers(self) -> tuple[int, int]:
        """Return the user and the group that all the worker writes belongs to."""
        if not self.user:
            return os.geteuid(), os.getegid()
        if self.user.isdigit():
            return int(self.user), int(self.user)
        found = pwd.getpwnam(self.user)
        return found.pw_uid, found.pw_gid


def confinement_for(
    state: Path,
    *,
    user: str = "",
    reads: Sequence[Path] = (),
    binds: Sequence[tuple[str, str]] = (),
    low_ports: bool = False,
    ports: tuple[int, ...] | None = None,
) -> Confinement:
    """Return the confinement of what writes to ``state``, which is there, and reads ``reads``.

    It is told apart by ``user``, by default, for root, by a user that no other app has. Raises
    UnavailableError if it could not reach its files, or could write into the store.
    """
    if os.geteuid() != 0:
        return _of_ourselves(binds)
    namespace: Namespace = "root" if can_mount("root") else ""
    chosen = user or (str(users.user_for(state)) if users.is_mapped(users.FIRST) else ROOT)
    found = Confinement(chosen, namespace, low_ports=low_ports)
    uid, gid = found.numbers
    if not namespace and uid == 0:
        raise UnavailableError(
            "nothing here keeps root from writing into the Nix store: no mount can be made",
            tip="Run it as another user (--user NAME), or give the container CAP_SYS_ADMIN.",
        )
    groups = os.getgrouplist(user, gid) if user and not user.isdigit() else [gid]
    seen = [path for each in reads for path in (each, *_interpreters(each))]
    apart = (path for path in seen if not path.is_relative_to(state))
    shown = ((state, True), *((path, False) for path in apart))
    over = () if uid == 0 else _over(uid, groups, shown)
    if over and not namespace:
        raise UnavailableError(
            f"the user of the app may not pass {over[0][0]}, below which its files are",
            tip=f"Let others pass it (chmod o+x {over[0][0]}), or choose another place: --root DIR "
            "for deploy, --state-dir DIR for run",
        )
    if binds and not namespace:
        raise _no_binds()
    return Confinement(
        user=chosen,
        namespace=namespace,
        readonly=_readonly() if namespace else (),
        over=over,
        binds=tuple(binds),
        low_ports=low_ports and uid != 0,
        # Who could get other rights is kept to them by an administrator of the machine alone.
        ports=ports if namespace or chosen.isdigit() else None,
    )


def confine_state(
    state: Path,
    *,
    user: str = "",
    reads: Sequence[Path] = (),
    binds: Sequence[tuple[str, str]] = (),
    low_ports: bool = False,
    ports: tuple[int, ...] | None = None,
) -> Confinement:
    """Make ``state``, for the user of what is going to write to it, and return its confinement.

    If it was another user's, all that this one had written in it is given to the new one. Raises as
    `confinement_for` does.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = confinement_for(
        state, user=user, reads=reads, binds=binds, low_ports=low_ports, ports=ports
    )
    if os.geteuid() == 0 and state.stat().st_uid != found.numbers[0]:
        give(state, *found.numbers)
    return found


def read_by(located: Located) -> tuple[Path, ...]:
    """Return the directories outside the store that the workers of ``located`` read."""
    runtime = located.artifact.runtime
    named = (runtime.working_dir, *runtime.path_prepend, *runtime.static_paths.values())
    found: list[Path] = []
    for path in (located.location, *map(Path, filter(None, named))):
        known = any(path.is_relative_to(other) for other in (STORE, *EVERYBODYS, *found))
        if not known and path.exists():
            found.append(path)
    return tuple(found)


def give(directory: Path, user: int, group: int) -> None:
    """Give ``directory``, and all below it that belongs to its owner, to ``user``.

    No symlink is followed. A file of somebody else stays theirs: whoever could make a hard link to
    it would get it otherwise. The directory itself comes last.
    """
    owner = directory.stat().st_uid
    for _, directories, files, descriptor in os.fwalk(directory, follow_symlinks=False):
        for name in (*directories, *files):
            found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            linked = found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode)
            if found.st_uid == owner and not (owner == 0 and linked):
                os.chown(name, user, group, dir_fd=descriptor, follow_symlinks=False)
    os.chown(directory, user, group)


def within(confinement: Confinement, work: Callable[[], str]) -> str:
    """Return what ``work`` returns, done in ``confinement``; its errors are raised here."""
    if not confinement.user:
        return work()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, json.dumps(_answer(confinement, work)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    answer = json.loads(text or '{"error": "Hop3NixError", "message": "it was killed"}')
    if "error" in answer:
        raise getattr(errors, answer["error"])(answer["message"], tip=answer.get("tip", ""))
    return str(answer["said"])


def _answer(confinement: Confinement, work: Callable[[], str]) -> dict[str, str]:
    try:
        confine.enter(confinement.to_data())
        return {"said": work()}
    except errors.Hop3NixError as error:
        return {"error": type(error).__name__, "message": error.message, "tip": error.tip}
    except BaseException as error:  # noqa: BLE001 - the parent is told
        return {"error": "UnavailableError", "message": f"{type(error).__name__}: {error}"}


def store_is_ours() -> bool:
    """Return whether who runs us could write into the store: root, or who installed Nix alone."""
    return os.access(STORE, os.W_OK)


def unprotected(confinement: Confinement) -> str:
    """Return a note for whoever runs it, if nothing keeps the app from writing into the store."""
    if os.geteuid() == 0 or confinement.namespace or not store_is_ours():
        return ""
    return (
        f"nothing keeps the app from writing into {STORE}: it belongs to you, and no user "
        "namespace can be made here"
    )


@cache
def can_mount(namespace: Namespace) -> bool:
    """Return whether this process can get ``namespace``; a child of ours tries it."""
    child = os.fork()
    if child == 0:
        try:
            confine.unshare(user=namespace == "user")
            confine.bind("/proc", "/proc")
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _of_ourselves(binds: Sequence[tuple[str, str]]) -> Confinement:
    """Return the confinement of who is not root: the store, if it is theirs, cannot be written."""
    if not binds and not store_is_ours():
        return Confinement()
    if can_mount("user"):
        return Confinement(namespace="user", readonly=_readonly(), binds=tuple(binds))
    if binds:
        raise _no_binds()
    return Confinement()


def _readonly() -> tuple[str, ...]:
    return (str(STORE),) if STORE.is_dir() else ()


def _no_binds() -> UnavailableError:
    return UnavailableError(
        "the directories of `[run] writable` cannot be put into the app's tree: no mount can be "
        "made here, neither as root nor in a user namespace",
        tip="Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or "
        "user.max_user_namespaces), run it as root with CAP_SYS_ADMIN, or have the app write below "
        "HOP3_STATE_DIR.",
    )


def _interpreters(location: Path) -> tuple[Path, ...]:
    """Return where the programs stand that a local build has links to: /root/.pyenv/3.11."""
    links = [link for pattern in ("bin/*", "*/bin/*") for link in location.glob(pattern)]
    found = {link.resolve().parent.parent for link in links if link.is_symlink()}
    outside = (path for path in found if not path.is_relative_to(location))
    return tuple(sorted(path for path in outside if path != path.parent))


def _over(
    uid: int, groups: Sequence[int], shown: Sequence[tuple[Path, bool]]
) -> tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]:
    """Return the topmost directories that the user may not pass, with what is below them."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for path, writable in shown:
        for directory in reversed(path.parents):
            if not _passes(directory.stat(), uid, groups):
                found.setdefault(str(directory), []).append((str(path), writable))
                break
    return tuple((directory, tuple(paths)) for directory, paths in found.items())


def _passes(found: os.stat_result, uid: int, groups: Sequence[int]) -> bool:
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid in groups:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
