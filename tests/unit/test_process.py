from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from hop3_nix.errors import TemporaryError, ToolError, UnavailableError
from hop3_nix.host import process
from hop3_nix.text.lines import LONGEST


def test_streams_and_status_come_back() -> None:
    completed = process.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert completed.stdout == "out\n"
    assert completed.stderr == "err\n"
    assert completed.status == 3
    assert completed.argv[0] == "sh"


def test_a_signal_is_a_negative_status() -> None:
    assert process.run(["sh", "-c", "kill -9 $$"]).status == -9


def test_environment_is_exactly_what_is_given() -> None:
    completed = process.run(["env"], env={"ONE": "1", "PATH": os.environ["PATH"]})
    assert sorted(completed.stdout.splitlines()) == ["ONE=1", f"PATH={os.environ['PATH']}"]


def test_standard_input_and_directory(tmp_path: Path) -> None:
    completed = process.run(["sh", "-c", "cat; pwd -P"], cwd=tmp_path, stdin="typed\n")
    assert completed.stdout == f"typed\n{tmp_path.resolve()}\n"


def test_without_input_standard_input_is_empty() -> None:
    assert process.run(["cat"]).stdout == ""


def test_a_large_input_is_written_whole() -> None:
    text = "0123456789" * 50_000
    assert process.run(["cat"], stdin=text).stdout == text


def test_arguments_reach_the_program_unchanged() -> None:
    arguments = ["", " ", "--", "-x", "'", "$HOME", "a\nb", "é", "\udcff"]
    completed = process.run(["printf", "%s\\0", *arguments])
    assert completed.stdout.split("\0") == [*arguments, ""]


def test_a_program_under_a_name_that_is_not_ascii(tmp_path: Path) -> None:
    program = tmp_path / "programmé\udcff"
    program.write_text("#!/bin/sh\necho yes\n")
    program.chmod(0o755)
    assert process.run([str(program)]).stdout == "yes\n"


def test_missing_program() -> None:
    with pytest.raises(UnavailableError, match="'no-such-program' is not on this machine"):
        process.run(["no-such-program"])


def test_program_is_looked_for_on_the_path_it_gets(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        process.run(["sh"], env={"PATH": str(tmp_path)})
    assert str(tmp_path) in caught.value.tip


def test_a_program_that_cannot_be_executed_is_unavailable(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("no interpreter line")
    program.chmod(0o755)
    with pytest.raises(UnavailableError, match=r"could not be started.*Exec format"):
        process.run([str(program)])


def test_a_program_that_takes_too_long_is_stopped() -> None:
    before = time.monotonic()
    with pytest.raises(
        TemporaryError, match=r"sh -c 'sleep 60; echo never' did not end within 0\.5 s"
    ):
        process.within(0.5)(["sh", "-c", "sleep 60; echo never"])
    assert time.monotonic() - before < 20
    assert process.within(60)(["echo", "x"]).stdout == "x\n"


def test_a_program_is_stopped_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "has_room", lambda directory: directory != tmp_path)
    with pytest.raises(TemporaryError, match="No space left on device"):
        process.within(60, room_in=tmp_path)(["sleep", "60"])


def test_output_raises_with_what_was_printed() -> None:
    with pytest.raises(ToolError) as caught:
        process.output(["sh", "-c", "echo bad >&2; exit 7"])
    assert (caught.value.status, caught.value.output) == (7, "bad\n")


def test_output_has_the_environment_that_is_given_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OURS", "y")
    env = {"ADDED": "x", "PATH": os.environ["PATH"]}
    assert process.output(["sh", "-c", 'echo "$ADDED:$OURS"'], env=env) == "x:\n"


def test_stream_hands_out_lines_without_ends() -> None:
    err: list[str] = []
    out: list[str] = []
    completed = process.stream(
        ["sh", "-c", "echo a >&2; printf 'b\\r\\nlast' >&2; echo o"],
        on_stderr_line=err.append,
        on_stdout_line=out.append,
    )
    assert (err, out, completed.status) == (["a", "b", "last"], ["o"], 0)


def test_stream_collects_standard_output_by_default() -> None:
    assert process.stream(["echo", "x"], on_stderr_line=print).stdout == "x\n"


def test_a_failing_listener_ends_the_program_and_is_raised() -> None:
    def fail(line: str) -> None:
        raise ValueError(line)

    before = time.monotonic()
    with pytest.raises(ValueError, match="first"):
        process.stream(["sh", "-c", "echo first >&2; exec sleep 60"], on_stderr_line=fail)
    assert time.monotonic() - before < 20


def test_stop_kills_a_group_that_ignores_sigterm() -> None:
    ready = threading.Event()
    running = process.start(
        ["sh", "-c", "trap '' TERM; echo ready; sleep 60 & wait; sleep 60"],
        on_stdout_line=lambda _line: ready.set(),
    )
    assert ready.wait(10)
    assert running.is_alive()
    assert running.stop(grace=0.2).status == -signal.SIGKILL
    assert not group_exists(running.pid)


INTERRUPTED = """
import sys
from hop3_nix.host import process
try:
    process.run(["sh", "-c", "echo $$ > {file}; sleep 60 & sleep 60; echo never"])
except KeyboardInterrupt:
    sys.exit(42)
"""


@pytest.mark.parametrize("ending_signal", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_our_signals_end_the_group(tmp_path: Path, ending_signal: signal.Signals) -> None:
    file = tmp_path / "pid"
    ours = subprocess.Popen([sys.executable, "-c", INTERRUPTED.format(file=file)])
    group = wait_for_pid(file)
    ours.send_signal(ending_signal)
    assert ours.wait(timeout=20) == 42
    assert not group_exists(group)


def test_a_program_ends_when_we_are_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    script = (
        "from hop3_nix.host import process; "
        "process.run(['sh', '-c', 'echo $$ >{0}; exec sleep 60'])"
    )
    ours = subprocess.Popen([sys.executable, "-c", script.format(file)])
    group = wait_for_pid(file)
    ours.kill()
    ours.wait()
    assert not group_exists(group)


def test_a_line_without_end_is_cut_and_costs_little() -> None:
    lines: list[str] = []
    command = "head -c 200000000 /dev/zero; echo; echo next"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    process.stream(["sh", "-c", f"{{ {command}; }} >&2"], on_stderr_line=lines.append)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [len(line) for line in lines] == [LONGEST, 4]
    assert grown < 20_000  # kB


def test_what_a_program_leaves_running_does_not_hold_us_up() -> None:
    lines: list[str] = []
    before = time.monotonic()
    process.stream(
        ["sh", "-c", "echo out >&2; sleep 60 & echo $! >&2"], on_stderr_line=lines.append
    )
    os.kill(int(lines[1]), signal.SIGKILL)
    assert time.monotonic() - before < 20


def test_an_interrupt_while_a_program_starts_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[process.Running] = []

    def start(*arguments: Any, **options: Any) -> process.Running:
        started.append(really_start(*arguments, **options))
        signal.raise_signal(signal.SIGINT)
        return started[0]

    really_start = process.start
    monkeypatch.setattr(process, "start", start)
    with pytest.raises(KeyboardInterrupt):
        process.run(["sleep", "60"])
    assert not group_exists(started[0].pid)


def test_sighup_reaches_the_child_as_usual() -> None:
    assert process.run(["sh", "-c", "kill -HUP $$; echo survived"]).status == -signal.SIGHUP


def test_works_off_the_main_thread() -> None:
    results: list[str] = []
    thread = threading.Thread(target=lambda: results.append(process.run(["echo", "x"]).stdout))
    thread.start()
    thread.join(timeout=20)
    assert results == ["x\n"]


def wait_for_pid(file: Path) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if file.exists() and file.read_text().strip():
            return int(file.read_text())
        time.sleep(0.02)
    pytest.fail("the program did not start")


def group_exists(group: int) -> bool:
    """Return whether a member of ``group`` still runs a moment later."""
    deadline = time.monotonic() + 5
    while members(group):
        if time.monotonic() > deadline:
            return True
        time.sleep(0.02)
    return False


def members(group: int) -> list[int]:
    """Return the processes of ``group`` that have not ended, whether or not they were reaped."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # proc(5): pid (comm) state ppid pgrp ...
            state, _parent, pgrp = (directory / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state not in "ZX":
                found.append(int(directory.name))
    return found
