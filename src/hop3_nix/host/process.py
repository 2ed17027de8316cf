"""Starting other programs: the one seam, and the only importer of ``sh``.

Arguments are lists, never shell text. Every program gets a process group of its own, which ends
with us: a SIGINT, SIGTERM or SIGHUP that stops us first stops the group (SIGTERM, then SIGKILL
after a grace time) and then goes on as KeyboardInterrupt. A SIGKILL that ends us has the kernel
send the program a SIGTERM.
"""

from __future__ import annotations

import codecs
import os
import shlex
import shutil
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import sh

from hop3_nix.errors import DeadlineError, TemporaryError, ToolError, UnavailableError
from hop3_nix.host.diskspace import has_room
from hop3_nix.host.interrupts import ended_by_signals, held_back
from hop3_nix.text.lines import LinePipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GRACE: Final = 10.0
"""Seconds between SIGTERM and SIGKILL; Nix needs about 0.2 to end its builders."""

_SHOWN: Final = 200
"""Characters of a command line that a message has."""

_PR_SET_PDEATHSIG: Final = 1
_LOOK_EVERY: Final = 0.25
"""Seconds between two looks at a program that has a limit."""

_ENCODING: Final = "hop3_nix_filesystem"
_ANY_STATUS: Final = tuple(range(-signal.NSIG, 256))


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that has ended; ``status`` is negative for the signal that ended it."""

    argv: tuple[str, ...]
    status: int
    stdout: str = ""
    stderr: str = ""


class Runner(Protocol):
    """What `run` is, for those who take it as an argument."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        """Run ``argv`` to its end."""


class Streamer(Protocol):
    """What `stream` is, for those who take it as an argument."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        on_stderr_line: Callable[[str], None],
        on_stdout_line: Callable[[str], None] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        """Run ``argv`` to its end, handing out its lines as they come."""


class Running:
    """A program that has been started, and its process group."""

    def __init__(
        self, argv: tuple[str, ...], command: sh.RunningCommand, pipes: Sequence[LinePipe] = ()
    ) -> None:
        self.argv = argv
        self._command = command
        self._pipes = pipes

    @property
    def pid(self) -> int:
        """Return the process id, which is that of its group as well."""
        return int(self._command.pid)

    def is_alive(self) -> bool:
        """Return whether the program still runs."""
        return bool(self._command.is_alive())

    def signal(self, number: signal.Signals) -> None:
        """Send ``number`` to the whole group, if anything is left of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def wait(self) -> Completed:
        """Return when the program has ended and all it printed is read."""
        self._command.wait()
        for pipe in self._pipes:
            pipe.finish()
        return Completed(
            argv=self.argv,
            status=int(self._command.exit_code),
            stdout=os.fsdecode(self._command.stdout),
            stderr=os.fsdecode(self._command.stderr),
        )

    def stop(self, grace: float = GRACE) -> Completed:
        """End the group: SIGTERM, ``grace`` seconds, SIGKILL. A second interrupt ends the wait."""
        try:
            self.signal(signal.SIGTERM)
            self._command.wait(timeout=grace)
        except (sh.TimeoutException, KeyboardInterrupt):
            pass
        finally:
            self.signal(signal.SIGKILL)
        return self.wait()


def start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | IO[bytes] = "",
    on_stdout_line: Callable[[str], None] | None = None,
    on_stderr_line: Callable[[str], None] | None = None,
) -> Running:
    """Start ``argv`` and return at once; ``env`` is its whole environment, None for ours.

    ``stdin`` is text, or a file that the program itself reads.

    A stream with a function is handed to it line by line, without the line's end, on a thread of
    its own, and a line that is too long is cut (`lines`); a stream without one is collected.
    Raises UnavailableError if there is no such program or it cannot be started.
    """
    program = find_program(argv[0], env)
    out, err = (handle and LinePipe(handle) for handle in (on_stdout_line, on_stderr_line))
    pipes = [pipe for pipe in (out, err) if pipe is not None]
    with Path(os.devnull).open("rb") as nothing:
        options: dict[str, Any] = {
            "_async": True,  # as against _bg, leaves SIGHUP as it is in the child
            "_new_group": True,
            "_tty_out": False,
            "_in": stdin or nothing,
            "_out": out and out.writing,
            "_err": err and err.writing,
            "_preexec_fn": _ending_with_us(),
            "_env": None if env is None else dict(env),
            "_cwd": None if cwd is None else str(cwd),
            "_encoding": _ENCODING,
            "_ok_code": _ANY_STATUS,
        }
        try:
            command = sh.Command(program)(*argv[1:], _return_cmd=True, **options)
        except BaseException as error:
            for pipe in pipes:
                pipe.abandon()
            if not isinstance(error, sh.ForkException):
                raise
            reason = str(error).strip().rpartition("\n")[2].strip()
            raise UnavailableError(
                f"{program} could not be started: {reason}",
                tip="Try to run the program by hand.",
            ) from error
    for pipe in pipes:
        pipe.start()
    return Running(tuple(argv), command, pipes)


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
) -> Completed:
    """Return what ``argv`` printed and its status, whatever that is.

    Raises UnavailableError as `start` does.
    """
    return _finish(lambda: start(argv, env=env, cwd=cwd, stdin=stdin))


def stream(
    argv: Sequence[str],
    *,
    on_stderr_line: Callable[[str], None],
    on_stdout_line: Callable[[str], None] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | IO[bytes] = "",
) -> Completed:
    """Run ``argv``, handing its lines out as they come, without their ends.

    The functions are called on another thread; what the first of them to fail raises ends the
    program and is raised here. Raises UnavailableError as `start` does.
    """
    failures: list[Exception] = []
    running: list[Running] = []

    def guarded(handle: Callable[[str], None]) -> Callable[[str], None]:
        def handle_line(line: str) -> None:
            if failures:
                return
            try:
                handle(line.rstrip("\r"))
            except Exception as error:  # noqa: BLE001 - raised again on the caller's thread
                failures.append(error)
                for process in running:
                    process.signal(signal.SIGTERM)

        return handle_line

    def begin() -> Running:
        running.append(
            start(
                argv,
                env=env,
                cwd=cwd,
                stdin=stdin,
                on_stderr_line=guarded(on_stderr_line),
                on_stdout_line=guarded(on_stdout_line) if on_stdout_line else None,
            )
        )
        if failures:
            running[0].signal(signal.SIGTERM)
        return running[0]

    completed = _finish(begin)
    if failures:
        raise failures[0]
    return completed


def within(seconds: float, *, room_in: Path | None = None) -> Runner:
    """Return what `run` is, for programs that have ``seconds`` to end.

    With ``room_in``, one is also ended when the file system of that directory has no room left:
    some wait for ever then. Raises DeadlineError, or TemporaryError for a full disk.
    """

    def run_within(
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> Completed:
        over = threading.Event()
        reasons: list[TemporaryError] = []

        def watch(running: Running) -> None:
            deadline = time.monotonic() + seconds
            while not over.wait(_LOOK_EVERY):
                late = time.monotonic() > deadline
                if not late and (room_in is None or has_room(room_in)):
                    continue
                reasons.append(_too_late(argv, seconds) if late else _no_room(room_in))
                running.signal(signal.SIGTERM)
                if not over.wait(GRACE):
                    running.signal(signal.SIGKILL)
                return

        def begin() -> Running:
            running = start(argv, env=env, cwd=cwd, stdin=stdin)
            threading.Thread(target=watch, args=(running,), daemon=True).start()
            return running

        try:
            done = _finish(begin)
        finally:
            over.set()
        if reasons and done.status != 0:
            raise reasons[0]
        return done

    return run_within


def output(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    run: Runner = run,
) -> str:
    """Return what ``argv`` prints on standard output; ``env`` is its whole environment.

    Raises ToolError, with what it printed on standard error, for a status other than 0.
    """
    completed = run(argv, env=env, cwd=cwd)
    if completed.status != 0:
        raise ToolError(
            f"{Path(argv[0]).name} returned {completed.status}",
            output=completed.stderr or completed.stdout,
            status=completed.status,
        )
    return completed.stdout


def find_program(name: str, env: Mapping[str, str] | None = None) -> str:
    """Return the absolute path of program ``name``, looked for on the PATH of ``env``.

    Raises UnavailableError.
    """
    path = (os.environ if env is None else env).get("PATH", os.defpath)
    found = shutil.which(name, path=path)
    if found is None:
        raise UnavailableError(
            f"the program {name!r} is not on this machine",
            tip=f"It was looked for in {path}",
        )
    return str(Path(found).absolute())


def _too_late(argv: Sequence[str], seconds: float) -> DeadlineError:
    return DeadlineError(
        f"{shlex.join(argv)[:_SHOWN]} did not end within {seconds:g} s, and was stopped",
        tip="See whether it can reach what it asks, and try again.",
    )


def _no_room(directory: Path | None) -> TemporaryError:
    return TemporaryError(
        "the disk is full (No space left on device)",
        file=str(directory),
        tip="Free some space there and try again; nothing half-written was left.",
    )


def _finish(begin: Callable[[], Running]) -> Completed:
    """Start a program and wait for it; whatever ends the wait ends its group."""
    with ended_by_signals(), held_back() as release:
        running = begin()
        try:
            release()
            return running.wait()
        except BaseException:
            running.stop()
            raise


def _ending_with_us() -> Callable[[], None]:
    """Return what a new program calls to be sent SIGTERM when we are killed (prctl(2))."""
    import ctypes  # noqa: PLC0415 - for those that start something

    library, parent = ctypes.CDLL(None), os.getpid()

    def end_with_us() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(-signal.SIGTERM)

    return end_with_us


def _find_codec(name: str) -> codecs.CodecInfo | None:
    # sh encodes arguments strictly, which refuses file names that are not UTF-8.
    if name != _ENCODING:
        return None
    return codecs.CodecInfo(
        lambda text, _errors="strict": (os.fsencode(text), len(text)),
        lambda data, _errors="strict": (os.fsdecode(bytes(data)), len(data)),
        name=_ENCODING,
    )


codecs.register(_find_codec)
