"""Keep a process, and all that it starts, from listening on TCP ports that are not its own.

The kernel does: Landlock (landlock(7)) from Linux 6.7 on lets it bind to the named ports and to
those that the kernel chooses. What Landlock does not look at is refused by a filter of system calls
(seccomp(2)): Multipath TCP and SMC, which take the connections of ordinary TCP, and io_uring, by
which filters are passed.

Standard library alone: this file is also run by its path, with the ports and the line of a worker,
which it becomes: portlock.py 20000,9000 PROGRAM [ARGUMENT...]
"""

from __future__ import annotations

import os
import struct
import sys

TYPE_CHECKING = False
"""As in ``typing``, whose import takes 8 ms."""

if TYPE_CHECKING:
    from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of system calls, the same on every machine."""

VERSION = 1
BIND_TCP = 1
NET_PORT = 2
WITH_PORTS = 4
"""The version of Landlock that knows of ports."""

CHOSEN_BY_THE_KERNEL = 0

PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
FILTER = 2

MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""How audit(7) calls each, and the number of socket(2) there."""

IO_URING_SETUP = 425
X32 = 0x40000000
MPTCP = 262
SMC = 43

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
EPERM, ENOSYS, EPROTONOSUPPORT = 1, 38, 93

NOT_STARTED = 126


def is_possible() -> bool:
    """Return whether this machine's kernel can do that."""
    try:
        version = _syscall(CREATE_RULESET, None, 0, VERSION)
    except OSError:
        return False
    return version >= WITH_PORTS and os.uname().machine in MACHINES


def restrict(ports: Iterable[int]) -> None:
    """Have this process listen on ``ports``, and on those that the kernel chooses, alone.

    For good, and for all that it starts. Raises OSError, also without CAP_SYS_ADMIN if it could
    still get other rights (prctl(2), PR_SET_NO_NEW_PRIVS).
    """
    handled = struct.pack("QQ", 0, BIND_TCP)
    rules = _syscall(CREATE_RULESET, handled, len(handled), 0)
    for port in {*ports, CHOSEN_BY_THE_KERNEL}:
        _syscall(ADD_RULE, rules, NET_PORT, struct.pack("QQ", BIND_TCP, port), 0)
    _syscall(RESTRICT_SELF, rules, 0)
    os.close(rules)
    _filter()


def _filter() -> None:
    import ctypes  # noqa: PLC0415 - 5 ms

    program = _program(*MACHINES[os.uname().machine])
    code = ctypes.create_string_buffer(b"".join(program))
    what = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    _call("prctl", PR_SET_SECCOMP, FILTER, what, 0, 0)


def _program(machine: int, socket: int) -> list[bytes]:
    """Return the filter: instructions of the kernel's packet filter on struct seccomp_data."""

    def load(offset: int) -> bytes:
        return struct.pack("HBBI", 0x20, 0, 0, offset)

    def jump_if(value: int, then: int, otherwise: int, *, at_least: bool = False) -> bytes:
        return struct.pack("HBBI", 0x35 if at_least else 0x15, then, otherwise, value)

    def answer(value: int) -> bytes:
        return struct.pack("HBBI", 0x06, 0, 0, value)

    return [
        load(4),  # the machine
        jump_if(machine, 0, 11),
        load(0),  # the system call
        jump_if(X32, 9, 0, at_least=True),
        jump_if(IO_URING_SETUP, 7, 0),
        jump_if(socket, 0, 4),
        load(16),  # its family
        jump_if(SMC, 3, 0),
        load(32),  # its protocol
        jump_if(MPTCP, 1, 0),
        answer(ALLOW),
        answer(ERRNO | EPROTONOSUPPORT),
        answer(ERRNO | EPERM),
        answer(ERRNO | ENOSYS),
    ]


def _syscall(*arguments: int | bytes | None) -> int:
    return _call("syscall", *arguments)


def _call(name: str, *arguments: int | bytes | None) -> int:
    """Call a function of the C library and return its result. Raises OSError."""
    import ctypes  # noqa: PLC0415 - 5 ms

    libc = ctypes.CDLL(None, use_errno=True)
    told = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in arguments]
    result: int = getattr(libc, name)(*told)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def main(arguments: list[str]) -> None:
    """Become the program ``arguments[1:]``, which may listen on the ports ``arguments[0]``."""
    ports, *argv = arguments
    try:
        if is_possible():
            restrict(int(port) for port in ports.split(",") if port)
        else:  # a machine that was started with an older kernel serves all the same
            os.write(2, b"hop3: this kernel does not keep it to its own ports\n")
        os.execv(argv[0], argv)  # noqa: S606 - becoming it is the point
    except OSError as error:
        os.write(2, f"hop3: cannot be started: {argv[0]}: {error.strerror}\n".encode())
    os._exit(NOT_STARTED)


if __name__ == "__main__":
    main(sys.argv[1:])
