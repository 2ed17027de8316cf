"""Enter the confines of a worker: its view of the file system, and its user.

Called in the process that is about to become the worker, so that only the standard library is
imported, and ``ctypes`` only where there is something to mount. What is to be done is plain data,
which `hop3_nix.deploy.confinement` makes.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
"""As in ``typing``, whose import takes 8 ms."""

if TYPE_CHECKING:
    from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_SLAVE = 0x80000
MS_RELATIME = 0x200000

KEPT_FLAGS = 0x2 | 0x4 | 0x8 | 0x400 | 0x800
"""nosuid, nodev, noexec, noatime and nodiratime have one number in statvfs(3) and mount(2)."""

ST_RELATIME = 0x1000

PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_NET_BIND_SERVICE = 10
CAP_SYS_ADMIN = 21
CAPABILITY_VERSION = 0x20080522


class ConfinesError(ValueError):
    """What keeps a process from entering its confines, as a text for a log."""


def enter(told: dict[str, Any]) -> None:
    """Enter the namespace and become the user that ``told`` names.

    Raises ConfinesError, and OSError with the path that it is about.
    """
    if told["namespace"]:
        unshare(user=told["namespace"] == "user")
        _show(told["over"])
        for path in told["readonly"]:
            bind(path, path)
            make_readonly(path)
        for source, target in told["binds"]:
            bind(source, target)
    if told["ports"] is not None:
        keep_to_ports(told["ports"], told["user"])
    become(told["user"], low_ports=told["low_ports"])


def unshare(*, user: bool) -> None:
    """Get a mount namespace of our own, for others in a user namespace. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", CLONE_NEWNS | (CLONE_NEWUSER if user else 0))
    if user:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - 3 ms
                file.write(text)
    # What is mounted on the host later is seen here as well, and nothing of ours there.
    _mount(None, "/", None, MS_REC | MS_SLAVE)


def bind(source: str, target: str) -> None:
    """Have ``source`` appear at ``target``, which has to be there. Raises OSError."""
    _mount(source, target, None, MS_BIND | MS_REC)


def make_readonly(path: str) -> None:
    """Have nothing below ``path``, which is a mount, be written to. Raises OSError."""
    had = os.statvfs(path).f_flag
    flags = had & KEPT_FLAGS | (MS_RELATIME if had & ST_RELATIME else 0)
    _mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)


def keep_to_ports(ports: list[int], user: str) -> None:
    """Let what becomes ``user`` listen on ``ports`` alone, where the kernel can. Raises OSError."""
    from hop3_nix.deploy import portlock  # noqa: PLC0415 - only where there is something to keep

    if user.isdigit():
        _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if portlock.is_possible():
        portlock.restrict(ports)


def become(user: str, *, low_ports: bool = False) -> None:
    """Become ``user``, by name or number, for good; "" for nobody else.

    With ``low_ports`` it may listen on ports below 1024. Root, if it has to be, cannot undo what
    was mounted. Raises ConfinesError for a name that nobody has.
    """
    if not user:
        return
    # The user may not be able to read these any more.
    import ctypes  # noqa: F401, PLC0415 - 5 ms
    import struct  # noqa: F401, PLC0415 - 1 ms

    uid, gid, groups = _numbers(user)
    if os.geteuid() != 0 or uid == 0:
        if os.geteuid() == 0:
            _call("prctl", PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0)
        return
    for descriptor in (1, 2):
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.fchown(descriptor, uid, gid)  # or it could not open /dev/stdout again
    if low_ports:
        _call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if low_ports:
        _keep_capability(CAP_NET_BIND_SERVICE)
    if user.isdigit():
        _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _numbers(user: str) -> tuple[int, int, list[int]]:
    if user.isdigit():
        return int(user), int(user), []
    import pwd  # noqa: PLC0415 - only when there is somebody to become

    try:
        found = pwd.getpwnam(user)
    except KeyError as error:
        raise ConfinesError(f"there is no user {user}") from error
    return found.pw_uid, found.pw_gid, os.getgrouplist(user, found.pw_gid)


def _show(over: list[list[Any]]) -> None:
    """Lay an empty directory over each one that the user may not pass, with what it needs in it."""
    mask = os.umask(0o022)
    for hidden, shown in over:
        # Found by their descriptors once the directory above them is covered.
        kept = [(path, writable, os.open(path, os.O_PATH)) for path, writable in shown]
        _mount("tmpfs", hidden, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0711,size=64k")
        for path, writable, descriptor in kept:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                os.makedirs(path, 0o755, exist_ok=True)  # noqa: PTH103 - 3 ms
            else:
                os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)  # noqa: PTH103, PTH120
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            bind(f"/proc/self/fd/{descriptor}", path)
            if not writable:
                make_readonly(path)
            os.close(descriptor)
    os.umask(mask)


def _keep_capability(number: int) -> None:
    """Have capability ``number``, alone, also after execve(2) (capabilities(7), "ambient")."""
    import struct  # noqa: PLC0415 - as above

    bit = 1 << number
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    data = struct.pack("6I", bit, bit, bit, 0, 0, 0)
    _call("capset", header, data)
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = (source, target, kind, options)
    what, where, which, how = (None if word is None else os.fsencode(word) for word in words)
    _call("mount", what, where, which, flags, how, path=target)


def _call(name: str, *arguments: Any, path: str = "") -> None:
    """Call a function of the C library. Raises OSError."""
    import ctypes  # noqa: PLC0415 - 5 ms

    libc = ctypes.CDLL(None, use_errno=True)
    told = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in arguments]
    if getattr(libc, name)(*told) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", path or None)
