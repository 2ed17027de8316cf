"""Nix's structured log (``--log-format internal-json``), line by line, as a running state.

Nix documents neither the format nor its numbers; both are those of ``logging.hh`` in Nix 2.8 to
2.26. A line of any other shape is kept as text, and a number that is not known is passed over.
"""

from __future__ import annotations

import json
import re
import time
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from hop3_nix.progress import Count, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX: Final = "@nix "
TAIL: Final = 400
"""Lines of its log that are kept of each build, for the message if it fails."""

_UNPRINTED: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_QUOTED_LOG: Final = re.compile(r";?\s+last \d+ log lines?:", re.IGNORECASE)
"""Where the message of a failed build begins to quote the builder."""

_LONG_LINE: Final = re.compile(r'@nix \{"action":"result","fields":\["')
"""The beginning of a builder's line, whose end may have been cut."""

_STORE_NAME: Final = re.compile(r"(?:/nix/store/)?[0-9a-z]{32}-(.+?)(?:\.drv)?")


class _Activity(IntEnum):
    COPY_PATH = 100
    FILE_TRANSFER = 101
    COPY_PATHS = 103
    BUILDS = 104
    BUILD = 105
    BUILD_WAITING = 111


class _Result(IntEnum):
    BUILD_LOG_LINE = 101
    SET_PHASE = 104
    PROGRESS = 105
    SET_EXPECTED = 106
    POST_BUILD_LOG_LINE = 107


@dataclass(frozen=True, slots=True)
class FailedBuild:
    """A build that did not end well, as far as the log tells."""

    derivation: str
    tail: tuple[str, ...]


@dataclass(slots=True)
class _Running:
    kind: int
    name: str
    derivation: str = ""
    phase: str = ""
    done: int = 0
    expected: int = 0
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL))


class NixLog:
    """Reads the lines of one Nix process and keeps what they add up to.

    ``on_line`` gets every line of text, for the full log; ``on_progress`` gets a `Progress` at
    most every ``interval`` seconds, and the last one on `close`.
    """

    def __init__(
        self,
        *,
        on_line: Callable[[str], None] = lambda _line: None,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        interval: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_line = on_line
        self._on_progress = on_progress
        self._interval = interval
        self._clock = clock
        self._shown = float("-inf")
        self._running: dict[int, _Running] = {}
        self._ended: deque[_Running] = deque(maxlen=64)
        self._expected: dict[int, int] = {}
        self._builds = Count()
        self._copies = Count()
        self._transfers = 0
        self._bytes = 0
        self._errors: list[str] = []
        self._hearsay: list[str] = []
        self._derivations: list[str] = []

    @property
    def derivations(self) -> tuple[str, ...]:
        """Return the derivations whose builds have begun: no builder can make Nix name others."""
        return tuple(self._derivations)

    @property
    def errors(self) -> tuple[str, ...]:
        """Return Nix's own error messages, without colours, in their order.

        What a builder has printed is no part of them.
        """
        return tuple(self._errors)

    @property
    def hearsay(self) -> tuple[str, ...]:
        """Return what reads like an error message and is a daemon's, or any builder's."""
        return tuple(self._hearsay)

    @property
    def builds(self) -> tuple[FailedBuild, ...]:
        """Return the latest builds with the ends of their logs, those still running last."""
        running = [one for one in self._running.values() if one.kind == _Activity.BUILD]
        return tuple(
            FailedBuild(one.derivation, tuple(one.tail)) for one in (*self._ended, *running)
        )

    def feed(self, line: str) -> None:
        """Take one line of standard error; any text is harmless."""
        event = _parse(line)
        if event is None:
            self._on_line(plain(_LONG_LINE.sub("", line, count=1)))
            return
        match event.get("action"):
            case "msg":
                self._message(event)
            case "start":
                self._start(event)
            case "stop":
                self._stop(_number(event.get("id")))
            case "result":
                self._result(event)
        now = self._clock()
        if now - self._shown >= self._interval:
            self._shown = now
            self._on_progress(self.progress())

    def close(self) -> None:
        """Report the last state, whatever the time."""
        self._on_progress(self.progress())

    def progress(self) -> Progress:
        """Return the state after the lines so far."""
        running = self._running.values()
        moving = [one for one in running if one.kind in _MOVING]
        fetching = tuple(dict.fromkeys(one.name for one in moving))
        transfers = sum(one.kind == _Activity.FILE_TRANSFER for one in moving)
        return Progress(
            builds=self._builds,
            fetches=Count(
                done=self._copies.done + self._transfers,
                expected=self._copies.expected + self._transfers + transfers,
                running=len(moving),
                failed=self._copies.failed,
            ),
            bytes=Count(
                done=self._bytes + sum(one.done for one in moving),
                expected=max(
                    sum(self._expected.values()),
                    self._bytes + sum(max(one.expected, one.done) for one in moving),
                ),
            ),
            # A fixed-output derivation that downloads is a build to Nix, a fetch to a person.
            building=tuple(
                f"{one.name}: {one.phase}" if one.phase else one.name
                for one in running
                if one.kind == _Activity.BUILD and one.name not in fetching
            ),
            fetching=fetching,
            waiting=tuple(one.name for one in running if one.kind == _Activity.BUILD_WAITING),
        )

    def _message(self, event: dict[str, Any]) -> None:
        text = plain(_text(event.get("msg")))
        if event.get("level") == 0 and text.startswith("error:"):
            # Nix passes on the messages of builders that print this format, and of a daemon, but
            # only its own have this key (JSONLogger::logEI).
            own = plain(_text(event.get("raw_msg")))
            said = _QUOTED_LOG.split(own or text.removeprefix("error:").strip(), maxsplit=1)[0]
            (self._errors if own else self._hearsay).append(said)
        self._on_line(text)

    def _start(self, event: dict[str, Any]) -> None:
        kind, fields = _number(event.get("type")), event.get("fields")
        first = _text(fields[0]) if isinstance(fields, list) and fields else ""
        match kind:
            case _Activity.BUILD:
                one = _Running(kind, store_name(first), derivation=first)
                self._derivations.append(first)
                self._on_line(plain(_text(event.get("text"))))
            case _Activity.FILE_TRANSFER:
                one = _Running(kind, first.rstrip("/").rpartition("/")[2])
            case _Activity.COPY_PATH | _Activity.BUILD_WAITING:
                one = _Running(kind, store_name(first) or plain(_text(event.get("text"))))
            case _Activity.BUILDS | _Activity.COPY_PATHS:
                one = _Running(kind, "")
            case _:
                return
        self._running[_number(event.get("id"))] = one

    def _stop(self, identity: int) -> None:
        one = self._running.pop(identity, None)
        if one is None:
            return
        self._transfers += one.kind == _Activity.FILE_TRANSFER
        self._bytes += one.done
        if one.kind == _Activity.BUILD:
            self._ended.append(one)

    def _result(self, event: dict[str, Any]) -> None:
        fields = event.get("fields")
        if not isinstance(fields, list) or not fields:
            return
        kind = _number(event.get("type"))
        if kind == _Result.SET_EXPECTED:
            what, amount = _number(fields[0]), _number(fields[-1])
            if what in _MOVING:
                self._expected[what] = max(self._expected.get(what, 0), amount)
            return
        one = self._running.get(_number(event.get("id")))
        match kind:
            case _Result.BUILD_LOG_LINE | _Result.POST_BUILD_LOG_LINE:
                line = plain(_text(fields[0]))
                if one is not None:
                    one.tail.append(line)
                self._on_line(f"{one.name}> {line}" if one is not None else line)
            case _Result.SET_PHASE if one is not None:
                one.phase = plain(_text(fields[0]))
            case _Result.PROGRESS if one is not None:
                self._count(one, [_number(number) for number in fields])

    def _count(self, one: _Running, numbers: list[int]) -> None:
        done, expected, running, failed = (*numbers, 0, 0, 0, 0)[:4]
        match one.kind:
            case _Activity.BUILDS:
                self._builds = Count(done, expected, running, failed)
            case _Activity.COPY_PATHS:
                self._copies = Count(done, expected, running, failed)
            case _:
                one.done, one.expected = done, expected


_MOVING: Final = (_Activity.FILE_TRANSFER, _Activity.COPY_PATH)


def plain(text: str) -> str:
    """Return ``text`` without terminal escapes and other control characters but tab and newline."""
    return _UNPRINTED.sub("", text)


def store_name(path: str) -> str:
    """Return the name part of a store path, without ``.drv``; other text as it is."""
    match = _STORE_NAME.fullmatch(path)
    return match.group(1) if match else path


def _parse(line: str) -> dict[str, Any] | None:
    if not line.startswith(PREFIX):
        return None
    try:
        event = json.loads(line[len(PREFIX) :])
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
