from __future__ import annotations

import signal
import threading

import pytest

from hop3_nix.host.interrupts import ended_by_signals, held_back

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_that_ends_us_is_a_keyboard_interrupt(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        signal.raise_signal(number)


def test_everything_is_as_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in ENDING]
    with ended_by_signals(), held_back():
        pass
    assert [signal.getsignal(number) for number in ENDING] == before


def test_handlers_of_others_stay() -> None:
    def handler(_number: int, _frame: object) -> None:
        pass

    previous = signal.signal(signal.SIGTERM, handler)
    try:
        with ended_by_signals():
            assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, previous)


def test_an_ignored_signal_stays_ignored() -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals(), held_back():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, previous)


def test_a_signal_is_held_back_until_it_is_released() -> None:
    steps: list[str] = []

    def work() -> None:
        with ended_by_signals(), held_back() as release:
            signal.raise_signal(signal.SIGTERM)
            steps.append("held back")
            release()
            steps.append("never reached")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["held back"]


def test_a_signal_that_is_never_released_comes_at_the_end() -> None:
    steps: list[str] = []

    def work() -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)
            steps.append("inside")
        steps.append("never reached")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["inside"]


def test_after_the_release_signals_come_at_once() -> None:
    steps: list[str] = []

    def work() -> None:
        with held_back() as release:
            release()
            signal.raise_signal(signal.SIGINT)
            steps.append("never reached")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == []


def test_other_threads_have_no_signals_to_handle() -> None:
    done: list[bool] = []

    def work() -> None:
        with ended_by_signals(), held_back() as release:
            release()
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
