"""The signals that end us, as an exception that runs what has to be closed."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt inside, so that what is open is closed.

    Handlers that somebody else has set stay, and so does a signal that is ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Keep signals from raising inside until the function that this gives is called.

    For what must not be left half done, such as a program that has started while nobody holds
    its process id yet. What has arrived meanwhile is handled by that call, or at the end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    arrived: list[int] = []
    handlers: dict[int, Callable[[int, Any], Any]] = {
        number: handler for number in _ENDING if callable(handler := signal.getsignal(number))
    }

    def release() -> None:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        while arrived:
            number = arrived.pop()
            handlers[number](number, None)

    for number in handlers:
        signal.signal(number, lambda number, _frame: arrived.append(number))
    try:
        yield release
    finally:
        release()
