"""What makes the lock sandbox, in a process of its own: argument 1 is its description in JSON.

Standard library only, and run with -I: nothing of the application is imported. It exits with what
the program returns, or UNAVAILABLE if the kernel does not make what it takes.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import platform
import resource
import shutil
import signal
import socket
import struct
import sys
from typing import Any, Final, NoReturn

UNAVAILABLE: Final = 125

_NEWNS, _NEWUTS, _NEWIPC = 0x20000, 0x4000000, 0x8000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND = 1, 2, 4, 32, 4096
_REC, _PRIVATE, _DETACH = 16384, 1 << 18, 2
_PDEATHSIG, _NO_NEW_PRIVS, _CAPBSET_DROP, _SECUREBITS = 1, 38, 24, 28
_LOCKED_DOWN: Final = 0x2F
"""Securebits: uid 0 gives no capability, and that stays so."""
_CAP_VERSION: Final = 0x20080522
_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}
_LOOPBACK_UP: Final = (0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))
_NOBODY: Final = 65534
_USERS: Final = "nobody:x:65534:65534::/sandbox:/bin/sh\nroot:x:0:0::/sandbox:/bin/sh\n"
_DEVICES: Final = ("null", "zero", "full", "random", "urandom")
_PROCESSES: Final = 2048
_FILE_SIZE: Final = 4 << 30

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> int:  # noqa: RET503 - _run does not return
    """Make the sandbox, run the program, return its status."""
    description = json.loads(sys.argv[1])
    signal.alarm(description["seconds"])
    _check(_libc.prctl(_PDEATHSIG, signal.SIGKILL), "prctl")
    is_root = os.geteuid() == 0
    try:
        _unshare(is_root=is_root)
        listener = _listen()
    except OSError as error:
        print(f"this kernel makes no namespaces here: {error}", file=sys.stderr)  # noqa: T201
        return UNAVAILABLE
    _hand_over(listener, description["socket"])
    port = listener.getsockname()[1]
    child = os.fork()
    if child:
        listener.close()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    _check(_libc.prctl(_PDEATHSIG, signal.SIGKILL), "prctl")
    listener.close()
    try:
        _build_root(description, is_root=is_root)
    except OSError as error:
        print(f"the sandbox cannot be made: {error}", file=sys.stderr)  # noqa: T201
        os._exit(UNAVAILABLE)
    _run(description, f"http://127.0.0.1:{port}", is_root=is_root)


def _unshare(*, is_root: bool) -> None:
    uid, gid = os.geteuid(), os.getegid()
    user = 0 if is_root else _NEWUSER
    _check(_libc.unshare(_NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS | user), "unshare")
    if not is_root:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"0 {uid} 1"),
            ("gid_map", f"0 {gid} 1"),
        ):
            _write(f"/proc/self/{name}", text)


def _listen() -> socket.socket:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
        fcntl.ioctl(any_, *_LOOPBACK_UP)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    socket.sethostname("sandbox")
    return listener


def _hand_over(listener: socket.socket, path: str) -> None:
    """Give the socket to the process outside, which answers on it."""
    with socket.socket(socket.AF_UNIX) as outside:
        outside.connect(path)
        socket.send_fds(outside, [b"x"], [listener.fileno()])
        outside.recv(1)


def _build_root(description: dict[str, Any], *, is_root: bool) -> None:
    root = description["root"]
    _mount("none", "/", "", _REC | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, "mode=755,size=2g,nr_inodes=1m")
    for name in ("proc", "dev", "tmp", "sandbox", "etc", "old"):
        os.makedirs(f"{root}/{name}", exist_ok=True)  # noqa: PTH103 - nothing but os is loaded
    os.chmod(f"{root}/tmp", 0o1777)  # noqa: PTH101, S103, S108 - as everywhere
    for path in description["readable"]:
        _show(path, root)
    for name in _DEVICES:
        _write(f"{root}/dev/{name}", "")
        _mount(f"/dev/{name}", f"{root}/dev/{name}", "", _BIND)
    with contextlib.suppress(OSError):
        # A container may not let it be mounted; then there is none.
        _mount("proc", f"{root}/proc", "proc", _NOSUID | _NODEV)
    _write(
        f"{root}/etc/passwd",
        "nobody:x:65534:65534::/sandbox:/bin/sh\nroot:x:0:0::/sandbox:/bin/sh\n",
    )
    _write(f"{root}/etc/group", "nogroup:x:65534:\nroot:x:0:\n")
    _write(f"{root}/etc/hosts", "127.0.0.1 localhost\n")
    _fill(description, root, is_root=is_root)
    _check(
        _libc.syscall(_PIVOT_ROOT[platform.machine()], root.encode(), f"{root}/old".encode()),
        "pivot_root",
    )
    os.chdir("/")
    _check(_libc.umount2(b"/old", _DETACH), "umount")
    os.rmdir("/old")  # noqa: PTH106 - as above


def _fill(description: dict[str, Any], root: str, *, is_root: bool) -> None:
    """Make the links and the copies, which belong to whoever runs the program."""
    for link, target in description["links"].items():
        if not os.path.lexists(f"{root}{link}"):
            os.makedirs(os.path.dirname(f"{root}{link}"), exist_ok=True)  # noqa: PTH103, PTH120
            os.symlink(target, f"{root}{link}")  # noqa: PTH211 - as above
    for name, source in description["files"].items():
        if os.path.isdir(source):  # noqa: PTH112 - as above
            shutil.copytree(source, f"{root}/sandbox/{name}", symlinks=True)
        else:
            shutil.copyfile(source, f"{root}/sandbox/{name}")
    if is_root:
        for directory, names, files in os.walk(f"{root}/sandbox"):
            for name in (".", *names, *files):
                os.chown(f"{directory}/{name}", _NOBODY, _NOBODY, follow_symlinks=False)


def _show(path: str, root: str) -> None:
    """Have ``path`` of the host at the same place, not to be written."""
    inside = f"{root}{path}"
    if os.path.lexists(inside):
        return
    os.makedirs(os.path.dirname(inside), exist_ok=True)  # noqa: PTH103, PTH120 - as above
    if os.path.islink(path):  # noqa: PTH114 - as above
        os.symlink(os.readlink(path), inside)  # noqa: PTH115, PTH211 - as above
        return
    if os.path.isdir(path):  # noqa: PTH112 - as above
        os.mkdir(inside)  # noqa: PTH102 - as above
    else:
        _write(inside, "")
    _mount(path, inside, "", _BIND | _REC)
    # What the host does not allow there cannot be allowed here: the flags are kept.
    kept = os.statvfs(inside).f_flag & (_NODEV | 8 | 1024 | 2048 | 4096 << 9)
    _mount("none", inside, "", _BIND | _REMOUNT | _RDONLY | _NOSUID | kept)


def _run(description: dict[str, Any], proxy: str, *, is_root: bool) -> NoReturn:
    """Become nobody, run the program, and end everything with it: this is the first process."""
    if is_root:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    else:
        _drop_capabilities()
    _check(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _FILE_SIZE),
        (resource.RLIMIT_NPROC, _PROCESSES),
    ):
        _, hard = resource.getrlimit(limit)
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (soft, soft))
    os.umask(0o022)
    program = os.fork()
    if not program:
        argv = [part.replace("{proxy}", proxy) for part in description["argv"]]
        env = {name: value.replace("{proxy}", proxy) for name, value in description["env"].items()}
        try:
            os.chdir(f"/sandbox/{description['directory']}")
            os.execve(argv[0], argv, env)  # noqa: S606 - what it is for
        except OSError as error:
            print(f"{argv[0]} cannot be started: {error}", file=sys.stderr)  # noqa: T201
            os._exit(127)
    while True:
        ended, status = os.wait()
        if ended == program:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _drop_capabilities() -> None:
    """Leave the namespace's root with nothing but its name."""
    _check(_libc.prctl(_SECUREBITS, _LOCKED_DOWN, 0, 0, 0), "securebits")
    for capability in range(64):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", _CAP_VERSION, 0)
    _check(_libc.capset(header, bytes(24)), "capset")


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    done = _libc.mount(
        source.encode(), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    _check(done, f"mount {target}")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - as above
        file.write(text)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    sys.exit(main())
