"""Work that is cut short at a chosen effect, as by a power cut: nothing of ours runs any more."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EFFECT: Final = "hop3.effect"
"""The audit event that `Watched` raises before and after a call."""

BEGINS: Final = "begins"
ENDS: Final = "ends"

CHANGES: Final = frozenset(
    ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", EFFECT)
)
"""The audit events of the interpreter (PEP 578) that change a directory."""

WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

FAILED: Final = 3
"""The status of work that raised."""


class Watched:
    """Hands every call on, and makes each of ``methods`` two effects: before it, and after it."""

    def __init__(self, inner: object, methods: frozenset[str]) -> None:
        self._inner = inner
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)
        if name not in self._methods:
            return inner

        def call(*arguments: Any, **named: Any) -> Any:
            sys.audit(EFFECT, name, BEGINS)
            result = inner(*arguments, **named)
            sys.audit(EFFECT, name, ENDS)
            return result

        return call


def every(_what: str) -> bool:
    """Return whether an effect counts, where all of them do."""
    return True


def count_effects(
    work: Callable[[], object], directory: Path, counts: Callable[[str], bool] = every
) -> list[str]:
    """Do ``work`` in a process of its own and return what it did below ``directory``, in order.

    Programs that it starts are effects as well, wherever they stand.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _watch(directory, counts, lambda what: os.write(writer, f"{what}\n".encode()))
        _work(work)
    os.close(writer)
    with os.fdopen(reader) as lines:
        effects = lines.read().splitlines()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return effects


def cut(
    work: Callable[[], object],
    directory: Path,
    *,
    at: int,
    counts: Callable[[str], bool] = every,
) -> bool:
    """Do ``work`` in a process of its own, killed right before effect ``at``, counted from 1.

    Returns whether it was killed: False if there were fewer effects.
    """
    pid = os.fork()
    if pid == 0:
        left = [at]

        def kill(_what: str) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        _watch(directory, counts, kill)
        _work(work)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in {0, -signal.SIGKILL}
    return code != 0


def _watch(
    directory: Path, counts: Callable[[str], bool], happens: Callable[[str], object]
) -> None:
    """Call ``happens`` before each effect below ``directory``, in this process alone."""
    ours, prefix, last = os.getpid(), str(directory), ""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal last
        if os.getpid() != ours or not _is_effect(event, arguments, prefix):
            return
        what = " ".join(map(str, (event, *arguments[:2])))
        # Between two calls, one after the other, nothing has changed: one cut is enough.
        if counts(what) and not (arguments[-1:] == (BEGINS,) and last.endswith(f" {ENDS}")):
            last = what
            happens(what)

    sys.addaudithook(hook)


def _is_effect(event: str, arguments: tuple[Any, ...], prefix: str) -> bool:
    if event in {EFFECT, "os.fork"}:
        return True
    if event == "open":
        changes = isinstance(arguments[2], int) and bool(arguments[2] & WRITING)
    else:
        changes = event in CHANGES
    if not changes or isinstance(arguments[0], int):  # a descriptor, whose file was opened before
        return False
    # A link's place is what comes second.
    path = os.fsdecode(arguments[1] if event in {"os.symlink", "os.link"} else arguments[0])
    if event == "os.remove" and not os.path.lexists(path):
        return False  # it makes sure that there is nothing
    return path.startswith(prefix)


def _work(work: Callable[[], object]) -> None:
    status = 0
    try:
        work()
    except BaseException:  # noqa: BLE001 - this process is not the test's
        traceback.print_exc()
        status = FAILED
    os._exit(status)
