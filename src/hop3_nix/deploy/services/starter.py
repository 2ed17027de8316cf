"""Become one service: the program that stands between a supervisor and what it starts.

It is run by its path, with the standard library alone and as little of that as possible. What it
is told stands in a file, because a supervisor's own configuration cannot hold every text.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False
"""As in ``typing``, whose import takes 8 ms."""

if TYPE_CHECKING:
    from typing import Any, NoReturn

MARK = "HOP3_SERVICE"
"""The variable that tells the processes of a service from all others, wherever they have gone."""

NOT_FOUND = 127
NOT_STARTED = 126
"""What a shell returns for a program that is not there, and for one that cannot be started."""

PREVIOUS_GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL for what a process that has ended has left behind."""

PACKAGES = __file__.rpartition("/hop3_nix/")[0]
"""Where the rest of hop3_nix is found, as this one is run by its path."""

MINUTE = 60

PAUSE, RESUME = signal.SIGUSR1, signal.SIGUSR2
"""What tells a service with a schedule to start nothing more, and to go on."""

PAUSED_LOOK = 0.1
"""Seconds between two looks at a command that is the last one."""


class NotStartedError(Exception):
    """Something that keeps the service from being started, as a text for its log."""


def main(arguments: list[str]) -> NoReturn:
    """Become the service that the file ``arguments[0]`` describes, noting it in ``arguments[1]``.

    Ends the process with 126 or 127 if that is not possible.
    """
    status = NOT_STARTED
    try:
        with open(arguments[0], encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes 3 ms
            service = json.load(file)
        service["mark"] = {MARK: arguments[0]}
        end_previous(arguments[1], arguments[0])
        note_start(arguments[1])
        _check_supervisor()
        if service["schedule"]:
            keep_time(service)
        become(service)
    except FileNotFoundError as error:
        text, status = f"{error.filename}: {error.strerror}", NOT_FOUND
    except OSError as error:
        text = f"{error.filename or service['argv'][0]}: {error.strerror}"
    except (ValueError, KeyError, NotStartedError) as error:
        text = str(error)
    os.write(2, f"hop3: cannot be started: {text}\n".encode(errors="replace"))
    os._exit(status)


def become(service: dict[str, Any]) -> NoReturn:
    """Replace this process by ``service``; raises OSError, ValueError or NotStartedError."""
    env = {**service["env"], **_secrets(service["secrets"]), **service.get("mark", {})}
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # what the interpreter ignores, nobody else
        signal.signal(number, signal.SIG_DFL)
    _set_limits(service["limits"])
    _enter(service["confinement"])
    os.chdir(service["directory"])
    os.execve(service["argv"][0], service["argv"], env)  # noqa: S606 - becoming it is the point


def keep_time(service: dict[str, Any]) -> NoReturn:
    """Start ``service`` at each minute of its schedule, unless the one before still runs.

    It stays in our process group, so that whoever ends that ends it as well. After PAUSE nothing is
    started, and this process ends with the command that runs, unless it is told to RESUME.
    """
    _find_ourselves()
    from hop3_nix.workers.cron import is_due  # noqa: PLC0415 - only for what has a schedule

    signal.pthread_sigmask(signal.SIG_BLOCK, {PAUSE, RESUME})
    child, paused = 0, False
    while child or not paused:
        seconds = PAUSED_LOOK if paused else MINUTE - time.time() % MINUTE + 0.01
        told = signal.sigtimedwait({PAUSE, RESUME}, seconds)
        if told:
            paused = told.si_signo == PAUSE
        if child and os.waitpid(child, os.WNOHANG)[0]:
            child = 0
        if not told and not paused and is_due(service["schedule"], time.localtime()):
            if child:
                os.write(2, b"hop3: not started: the one before still runs\n")
                continue
            child = os.fork()
            if child == 0:
                _start_once(service)
    os._exit(0)


def _start_once(service: dict[str, Any]) -> NoReturn:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {PAUSE, RESUME})
    try:
        become(service)
    except (OSError, ValueError, NotStartedError) as error:
        os.write(2, f"hop3: cannot be started: {error}\n".encode(errors="replace"))
    os._exit(NOT_STARTED)


def note_start(record: str) -> None:
    """Write to the file ``record`` which process this is, and for the how-manieth time it starts.

    The boot and the time of the start (proc_pid_stat(5)) tell it from any other with its number.
    """
    previous = read_start(record)
    count = previous.count + 1 if previous else 1
    temporary = f"{record}~{os.getpid()}"
    with open(temporary, "w", encoding="ascii") as file:  # noqa: PTH123 - as above
        file.write(f"{os.getpid()} {start_time(os.getpid())} {count} {boot()}\n")
    os.rename(temporary, record)  # noqa: PTH104 - as above


def end_previous(record: str, mark: str) -> None:
    """End what is left of the process that ``record`` is of: its group, and all with its mark.

    It would have the ports that this one needs. It gets SIGTERM, and SIGKILL in the end.
    """
    previous = read_start(record)
    if previous is None or previous.boot != boot() or start_time(previous.pid):
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + PREVIOUS_GRACE
        left = _left(previous.pid, mark)
        for pid in left:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = _left(previous.pid, mark)
        if not left:
            return


def _left(group: int, mark: str) -> list[int]:
    wanted = f"{MARK}={mark}".encode()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - as above
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - as above
                fields = file.read().rpartition(b")")[2].split()
            its_own = int(fields[2]) == group
            if not its_own:
                with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123 - as above
                    its_own = wanted in file.read().split(b"\0")
        except OSError:
            continue
        if its_own and fields[0] not in {b"Z", b"X"}:
            found.append(int(name))
    return found


class Start:
    """What `note_start` has written."""

    __slots__ = ("boot", "count", "pid", "time")

    def __init__(self, pid: str, time: str, count: str, boot: str) -> None:
        self.pid, self.time, self.count, self.boot = int(pid), int(time), int(count), boot


def read_start(record: str) -> Start | None:
    """Return what stands in the file ``record``, None if there is none."""
    try:
        with open(record, encoding="ascii") as file:  # noqa: PTH123 - as above
            return Start(*file.read().split())
    except (OSError, ValueError, TypeError):
        return None


def boot() -> str:
    """Return what tells this boot of the machine from any other (random(4))."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123
        return file.read().strip()


def start_time(pid: int) -> int:
    """Return when process ``pid`` started, in clock ticks since the boot; 0 if it does not run."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - as above
            stat = file.read()
    except OSError:
        return 0
    # The name, in parentheses, may hold anything; the state follows it, the start is the 20th.
    fields = stat.rpartition(b")")[2].split()
    return 0 if fields[0] in {b"Z", b"X"} else int(fields[19])


def _check_supervisor() -> None:
    """Raise NotStartedError if nobody reads our output any more.

    A supervisor that was killed before this process was noted could not find it again.
    """
    poll = select.poll()
    poll.register(1, 0)
    if poll.poll(0):
        raise NotStartedError("the supervisor has gone")


def _secrets(file: str) -> dict[str, str]:
    if not file:
        return {}
    _find_ourselves()
    from hop3_nix.workers.envfile import read_variables  # noqa: PLC0415 - only when there are any

    with open(file, encoding="utf-8", errors="surrogateescape") as stream:  # noqa: PTH123
        return read_variables(stream.read())


def _set_limits(limits: dict[str, list[int]]) -> None:
    if not limits:
        return
    import resource  # noqa: PLC0415 - only when there is something to limit

    for name, (soft, hard) in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (soft, hard))
        except (OSError, ValueError) as error:
            raise NotStartedError(f"the limit {name} cannot be set: {error}") from error


def _find_ourselves() -> None:
    """Have the rest of hop3_nix found: this program is run by its path."""
    if PACKAGES not in sys.path:
        sys.path.append(PACKAGES)


def _enter(confinement: dict[str, Any] | None) -> None:
    if confinement is None:
        return
    _find_ourselves()
    from hop3_nix.deploy import confine  # noqa: PLC0415 - only for what has confines

    confine.enter(confinement)


if __name__ == "__main__":
    main(sys.argv[1:])
