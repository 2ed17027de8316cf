from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.nix.log import TAIL, NixLog, plain, store_name
from hop3_nix.progress import Count, Progress

STORE = "/nix/store/" + "a" * 32


def nix(**event: Any) -> str:
    return "@nix " + json.dumps(event)


def start(identity: int, kind: int, *fields: Any, text: str = "") -> str:
    return nix(action="start", id=identity, level=3, text=text, type=kind, fields=list(fields))


def result(identity: int, kind: int, *fields: Any) -> str:
    return nix(action="result", id=identity, type=kind, fields=list(fields))


def stop(identity: int) -> str:
    return nix(action="stop", id=identity)


def error(text: str) -> str:
    return nix(action="msg", level=0, msg=f"\x1b[31;1merror:\x1b[0m {text}", raw_msg=text)


def read(*lines: str) -> NixLog:
    log = NixLog()
    for line in lines:
        log.feed(line)
    return log


def test_builds_are_counted() -> None:
    log = read(start(1, 104), result(1, 105, 3, 10, 2, 1))
    assert log.progress().builds == Count(done=3, expected=10, running=2, failed=1)


def test_what_is_built_now_with_its_phase() -> None:
    lines = [start(1, 105, f"{STORE}-flask.drv", "", 1, 1)]
    assert read(*lines).progress().building == ("flask",)
    lines.append(result(1, 104, "install"))
    assert read(*lines).progress().building == ("flask: install",)
    lines.append(stop(1))
    assert read(*lines).progress().building == ()


def test_a_build_that_downloads_is_shown_as_a_fetch() -> None:
    progress = read(
        start(1, 105, f"{STORE}-x-1.0.whl.drv", "", 1, 1),
        start(2, 101, "https://index.example/files/x-1.0.whl"),
        start(3, 105, f"{STORE}-other.drv", "", 1, 1),
    ).progress()
    assert progress.fetching == ("x-1.0.whl",)
    assert progress.building == ("other",)


def test_copied_paths_and_downloads_are_fetches() -> None:
    progress = read(
        start(1, 103),
        result(1, 105, 4, 9, 1, 0),
        start(2, 100, f"{STORE}-glibc", "https://cache.example", "local"),
        start(3, 101, "https://index.example/a"),
        stop(3),
        start(4, 101, "https://index.example/b"),
    ).progress()
    assert progress.fetching == ("glibc", "b")
    assert progress.fetches == Count(done=5, expected=11, running=2)


def test_bytes_are_those_of_transfers_and_copies() -> None:
    log = read(
        start(1, 102),
        result(1, 106, 101, 1000),
        start(2, 101, "https://index.example/a"),
        result(2, 105, 300, 400, 0, 0),
        stop(2),
        start(3, 101, "https://index.example/b"),
        result(3, 105, 100, 600, 0, 0),
    )
    assert log.progress().bytes == Count(done=400, expected=1000)


def test_more_bytes_than_announced_raise_what_is_expected() -> None:
    log = read(start(1, 101, "https://index.example/a"), result(1, 105, 500, 0, 0, 0))
    assert log.progress().bytes == Count(done=500, expected=500)


def test_a_build_that_waits_for_another_process() -> None:
    log = read(start(1, 111, f"{STORE}-shared.drv", text="waiting for lock"))
    assert log.progress().waiting == ("shared",)


def test_every_line_of_a_builder_goes_to_the_full_log() -> None:
    lines: list[str] = []
    log = NixLog(on_line=lines.append)
    log.feed(start(1, 105, f"{STORE}-app.drv", "", 1, 1, text="building 'app'"))
    for number in range(100):
        log.feed(result(1, 101, f"\x1b[1mline {number}\x1b[0m"))
    assert lines == ["building 'app'", *(f"app> line {number}" for number in range(100))]


def test_messages_and_plain_lines_go_to_the_full_log() -> None:
    lines: list[str] = []
    log = NixLog(on_line=lines.append)
    log.feed(error("bad"))
    log.feed("not structured")
    assert lines == ["error: bad", "not structured"]


def test_the_tail_of_a_build_that_ended_is_kept() -> None:
    lines = [result(1, 101, str(number)) for number in range(TAIL + 5)]
    log = read(start(1, 105, f"{STORE}-app.drv", "", 1, 1), *lines, stop(1))
    (build,) = log.builds
    assert build.derivation == f"{STORE}-app.drv"
    assert build.tail == tuple(str(number) for number in range(5, TAIL + 5))


def test_errors_are_plain_text_and_warnings_are_none() -> None:
    warning = nix(action="msg", level=1, msg="\x1b[35;1mwarning:\x1b[0m slow", raw_msg="slow")
    traced = nix(action="msg", level=0, msg="warning: the group does not exist")
    assert read(warning, traced, error("\x1b[35;1mtop\x1b[0m failed")).errors == ("top failed",)


def test_an_error_without_its_raw_form_may_be_anybodys() -> None:
    line = nix(action="msg", level=0, msg="\x1b[31;1merror:\x1b[0m interrupted by the user")
    log = read(line)
    assert (log.errors, log.hearsay) == ((), ("interrupted by the user",))


def test_a_failed_build_does_not_say_what_the_builder_said() -> None:
    said = "builder for '/nix/store/x.drv' failed with exit code 1"
    older = f"{said};\nlast 1 log lines:\n> interrupted by the user\nFor full logs, run: nix log"
    newer = f"{said};\n       last 2 log lines:\n       > a\n       > b"
    assert read(error(older), error(newer)).errors == (said, said)


def test_a_line_of_a_builder_that_was_cut_is_text() -> None:
    lines: list[str] = []
    NixLog(on_line=lines.append).feed('@nix {"action":"result","fields":["aaaa')
    assert lines == ["aaaa"]


def test_the_derivations_whose_builds_began() -> None:
    assert read(start(1, 105, "/nix/store/a.drv"), start(2, 101, "x")).derivations == (
        "/nix/store/a.drv",
    )


def test_progress_is_throttled_and_the_last_one_always_comes() -> None:
    now = 0.0
    seen: list[Progress] = []
    log = NixLog(on_progress=seen.append, interval=1.0, clock=lambda: now)
    log.feed(start(1, 104))
    for done in range(1000):
        now += 0.01
        log.feed(result(1, 105, done, 1000, 1, 0))
    assert 9 <= len(seen) <= 12
    log.feed(result(1, 105, 1000, 1000, 0, 0))
    log.close()
    assert seen[-1].builds == Count(done=1000, expected=1000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["start", "stop", "result", "msg", "other"]) | JSON,
        "id": st.integers(0, 3) | JSON,
        "type": st.integers(99, 112) | JSON,
        "fields": st.lists(st.integers(-5, 2**70) | st.text() | JSON, max_size=5) | JSON,
        "level": st.integers(0, 7) | JSON,
        "text": JSON,
        "msg": st.text() | JSON,
        "raw_msg": JSON,
    },
)


@given(st.lists(EVENTS.map(lambda event: "@nix " + json.dumps(event)) | st.text(), max_size=30))
def test_any_sequence_of_lines_is_harmless(lines: list[str]) -> None:
    log = read(*lines)
    log.close()
    assert isinstance(log.progress(), Progress)


@given(st.text())
def test_plain_text_has_nothing_that_moves_a_cursor(text: str) -> None:
    assert not {"\x1b", "\r", "\x08", "\x9b"} & set(plain(text))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_a_deeply_nested_line_is_kept_as_text() -> None:
    lines: list[str] = []
    log = NixLog(on_line=lines.append)
    log.feed("@nix " + "[" * 100_000)
    assert len(lines) == 1


def test_store_names() -> None:
    assert store_name(f"{STORE}-flask-3.1.drv") == "flask-3.1"
    assert store_name(f"{STORE}-glibc") == "glibc"
    assert store_name("else") == "else"
