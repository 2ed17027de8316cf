"""Many processes as one: started together, ended together, none of them left over."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from hop3_nix.deploy import confine
from hop3_nix.deploy.console import Console
from hop3_nix.deploy.orphans import adopt_orphans, descendants, end_with_parent
from hop3_nix.deploy.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hop3_nix.deploy.launch import Start

PASSED_ON: Final = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT)
KILL_PAUSE: Final = 0.05
KILL_PATIENCE: Final = 5.0
"""Seconds after which a killed process is given up: it hangs in the kernel."""

NOT_EXECUTABLE: Final = 126
NOT_FOUND: Final = 127
SIGNALLED: Final = 128
"""Exit statuses as a shell returns them (POSIX.1-2017, Shell & Utilities, 2.8.2)."""

ENDED_WELL: Final = frozenset({0, SIGNALLED + signal.SIGTERM, SIGNALLED + signal.SIGINT})
"""Statuses of a worker that did as it was told when it was asked to end."""


@dataclass(frozen=True)
class Instance:
    """One process to start, under the name that its output carries."""

    name: str
    start: Start
    remark: str = ""


@dataclass(frozen=True)
class _Process:
    name: str
    popen: subprocess.Popen[bytes]
    streams: tuple[Stream, Stream]


class Supervisor:
    """Starts processes, passes their output and signals on, and ends them; used in ``async with``.

    Every process is the leader of its own process group, so that a terminal's Ctrl-C reaches the
    supervisor alone. While one is in use, all child processes are its own.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        grace: float,
        notice: Callable[[bytes], str] = lambda _line: "",
    ) -> None:
        self._grace = grace
        self._wake = asyncio.Event()
        self._console = Console(names, self._on_console, notice=notice)
        self._live: dict[int, _Process] = {}
        self._streams: list[Stream] = []
        self._ends: list[tuple[str, int]] = []
        self._alone = True
        self._stopped_by: signal.Signals | None = None
        self._ending = False
        self._kill = False
        self._terminals = [fd for fd in (0, 1, 2) if os.isatty(fd)]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_stop, number)
        for number in PASSED_ON:
            loop.add_signal_handler(number, self._pass_on, number)
        adopt_orphans()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end_all()
        for stream in self._streams:
            stream.drain()
            stream.close()
        await self._until(lambda: self._console.empty or self._kill, self._grace)
        adopt_orphans(adopt=False)

    def say(self, text: str) -> None:
        """Tell the user something, between the lines of the workers."""
        self._console.say(text)

    async def run_first(self, instance: Instance) -> int:
        """Run one process to its end and return its status.

        When it was asked to stop meanwhile, the status is never 0.
        """
        before = len(self._ends)
        self._start(instance)
        await self._until(lambda: len(self._ends) > before or self._stopping)
        if self._stopping:
            await self._end_all()
        status = self._ends[before][1]
        if self._stopped_by is None:
            return status
        return status or SIGNALLED + self._stopped_by

    async def run_all(self, instances: Sequence[Instance]) -> int:
        """Run all until one ends or a signal asks to stop; end the others; return the status.

        That is the status of the one that ended by itself; else 0 if all ended well when asked,
        or the first status that says otherwise.
        """
        before = len(self._ends)
        for instance in instances:
            self._start(instance)
        await self._until(lambda: len(self._ends) > before or self._stopping)
        by_itself = not self._stopping
        await self._end_all()
        ends = self._ends[before:]
        if by_itself:
            return ends[0][1]
        if self._console.broken:
            return SIGNALLED + signal.SIGPIPE
        return next((status for _, status in ends if status not in ENDED_WELL), 0)

    @property
    def _stopping(self) -> bool:
        return self._stopped_by is not None or self._console.broken

    def _start(self, instance: Instance) -> None:
        start = instance.start
        try:
            popen = subprocess.Popen(
                start.argv,
                env=dict(start.env),
                cwd=start.cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
                preexec_fn=partial(_begin, start),  # noqa: PLW1509 - this program has one thread
            )
        except subprocess.SubprocessError:
            self._ends.append((instance.name, NOT_EXECUTABLE))
            self.say(f"{instance.name} cannot be started: its confines could not be entered")
            return
        except OSError as error:
            missing = error.errno == errno.ENOENT
            self._ends.append((instance.name, NOT_FOUND if missing else NOT_EXECUTABLE))
            self.say(f"{instance.name} cannot be started: {error.strerror}: {error.filename}")
            return
        assert popen.stdout is not None  # noqa: S101 - for the type checker
        assert popen.stderr is not None  # noqa: S101 - likewise
        streams = (
            Stream(popen.stdout, self._console, instance.name, error=False),
            Stream(popen.stderr, self._console, instance.name, error=True),
        )
        self._live[popen.pid] = _Process(instance.name, popen, streams)
        self._streams += streams
        self._alone = False
        self.say(f"{instance.name} started (process {popen.pid}){instance.remark}")

    def _reap(self) -> None:
        """Take note of every process that has ended, and of the orphans among them."""
        while True:
            try:
                pid, wait_status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._alone = True
                break
            if pid == 0:
                break
            process = self._live.pop(pid, None)
            if process is not None:
                self._on_end(process, os.waitstatus_to_exitcode(wait_status))
        self._wake.set()

    def _on_end(self, process: _Process, code: int) -> None:
        process.popen.returncode = code
        for stream in process.streams:
            stream.drain()
        status = code if code >= 0 else SIGNALLED - code
        self._ends.append((process.name, status))
        how = f"status {code}" if code >= 0 else signal.Signals(-code).name
        self.say(f"{process.name} ended with {how}")

    def _on_stop(self, number: signal.Signals) -> None:
        if number == signal.SIGINT and (self._ending or self._stopping):
            self._kill = True
        self._stopped_by = self._stopped_by or number
        self._wake.set()

    def _pass_on(self, number: signal.Signals) -> None:
        if number == signal.SIGHUP and not all(map(os.isatty, self._terminals)):
            self._on_stop(number)  # the terminal was closed: nobody asks for a reload
            return
        for pid in self._live:
            os.kill(pid, number)

    def _on_console(self) -> None:
        for stream in self._streams:
            stream.resume()
        self._wake.set()

    async def _end_all(self) -> None:
        """End every process below this one: TERM, the time of grace, KILL."""
        self._ending = True
        self._reap()
        if not self._alone:
            self.say(f"ending{self._reason()}: {', '.join(self._names()) or 'what is left over'}")
            self._signal_all(signal.SIGTERM)
            self._signal_all(signal.SIGCONT)  # one that was stopped would not notice
            await self._until(lambda: self._alone or self._kill, self._grace)
        if not self._alone:
            why = "at once" if self._kill else f"after {self._grace:g} s"
            self.say(f"killing {why}: {', '.join(self._names()) or 'what is left over'}")
            for _ in range(int(KILL_PATIENCE / KILL_PAUSE)):
                self._signal_all(signal.SIGKILL)
                if await self._until(lambda: self._alone, KILL_PAUSE):
                    break
            else:
                self.say(f"cannot be killed: processes {descendants()}")
        self._ending = False

    def _reason(self) -> str:
        if self._stopped_by is not None:
            return f" ({self._stopped_by.name})"
        return " (the output was closed)" if self._console.broken else ""

    def _names(self) -> list[str]:
        return [process.name for process in self._live.values()]

    def _signal_all(self, number: signal.Signals) -> None:
        """Signal each worker's group, and each process that left its group or outlived it."""
        for pid in self._live:
            os.killpg(pid, number)
        for pid in descendants():
            try:
                if os.getpgid(pid) not in self._live:
                    os.kill(pid, number)
            except ProcessLookupError:
                continue  # it has just ended

    async def _until(self, true: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until ``true``, which is asked after every event; return False on time-out."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    self._wake.clear()
                    await self._wake.wait()
        except TimeoutError:
            return False
        return True


def _begin(start: Start) -> None:
    """Enter the confines of a worker, in its process; a new user forgets whom it ends with."""
    try:
        confine.enter(start.confinement.to_data())
    except (OSError, ValueError) as error:
        os.write(2, f"hop3: {error}\n".encode(errors="replace"))
        raise
    end_with_parent()
