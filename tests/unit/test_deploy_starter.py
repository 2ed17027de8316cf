"""The program between supervisord and a service: what it reads, and what it becomes."""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hop3_nix.deploy.confinement import Confinement
from hop3_nix.deploy.services import starter
from hop3_nix.deploy.services.starter import read_start, start_time
from hop3_nix.workers.cron import is_due

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.mark.parametrize("text", ["hunter2", 'A="hunter2', "1A=hunter2", 'A="x" hunter2'])
def test_a_line_that_is_no_variable_is_not_repeated(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets").write_text(f"B=1\n{text}\n")
    done = start(tmp_path, secrets=str(tmp_path / "secrets"))
    assert done.returncode == 126
    assert "line 2" in done.stderr
    assert "hunter2" not in done.stderr


def start(tmp_path: Path, **changes: object) -> subprocess.CompletedProcess[str]:
    code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
    service = {
        "argv": [sys.executable, "-S", "-c", code],
        "env": {"A": "env"},
        "directory": "/",
        "secrets": "",
        "confinement": None,
        "schedule": "",
        "limits": {},
    }
    file = tmp_path / "service.json"
    file.write_text(json.dumps(service | changes))
    return subprocess.run(
        [sys.executable, "-I", "-S", starter.__file__, str(file), str(tmp_path / "record")],
        capture_output=True,
        text=True,
        check=False,
        env={"LEFT": "over"},
    )


@given(st.dictionaries(NAMES.map(lambda name: f"X{name}"), VALUES, max_size=3))
def test_any_environment_arrives(values: dict[str, str]) -> None:
    service = {"argv": ["/usr/bin/env", "-0"], "env": values, "directory": "/"}
    child, read = _forked({**service, "secrets": "", "confinement": None, "limits": {}})
    os.waitpid(child, 0)
    expected = {f"{name}={value}" for name, value in values.items()}
    assert set(read.decode().split("\0")) - {""} == expected


def _forked(service: dict[str, object]) -> tuple[int, bytes]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        starter.become(json.loads(json.dumps(service)))
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        return child, stream.read()


def test_nothing_of_the_supervisors_environment_is_passed_on(tmp_path: Path) -> None:
    env, directory = json.loads(start(tmp_path).stdout)
    assert env["A"] == "env"
    assert "LEFT" not in env
    assert directory == "/"


def test_secrets_win_over_the_environment(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text('A="secret"\nB="secret"\n')
    env, _ = json.loads(start(tmp_path, secrets=str(secrets)).stdout)
    assert (env["A"], env["B"]) == ("secret", "secret")


def test_limits_are_set(tmp_path: Path) -> None:
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))"
    done = start(tmp_path, argv=[sys.executable, "-c", code], limits={"RLIMIT_NOFILE": [50, 60]})
    assert done.stdout == "(50, 60)\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_becomes_the_user(tmp_path: Path) -> None:
    done = start(tmp_path, argv=["/usr/bin/id", "-un"], confinement=Confinement("nobody").to_data())
    assert done.stdout == "nobody\n"


def test_being_the_user_already_is_no_error(tmp_path: Path) -> None:
    mine = pwd.getpwuid(os.geteuid()).pw_name
    assert (
        start(tmp_path, argv=["/usr/bin/id", "-un"], confinement=Confinement(mine).to_data()).stdout
        == f"{mine}\n"
    )


OF_GLIBC = 0b11 << 31
"""Signals 32 and 33, which glibc lets nobody change: signal(7), "Real-time signals"."""


def test_no_signal_is_ignored(tmp_path: Path) -> None:
    ignored = start(tmp_path, argv=["/bin/grep", "SigIgn", "/proc/self/status"]).stdout
    assert int(ignored.split()[1], 16) & ~OF_GLIBC == 0


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"argv": ["/nowhere/program"]}, 127, "/nowhere/program: No such file"),
        ({"argv": ["/etc/passwd"]}, 126, "/etc/passwd: Permission denied"),
        ({"directory": "/nowhere"}, 127, "/nowhere: No such file"),
        ({"secrets": "/nowhere"}, 127, "/nowhere: No such file"),
        (
            {"confinement": Confinement("no-such-user").to_data()},
            126,
            "there is no user no-such-user",
        ),
        ({"limits": {"RLIMIT_NOFILE": [9, 1]}}, 126, "the limit RLIMIT_NOFILE"),
    ],
)
def test_what_keeps_it_from_starting_is_said(
    tmp_path: Path, changes: dict[str, object], status: int, text: str
) -> None:
    done = start(tmp_path, **changes)
    assert done.returncode == status
    assert done.stderr.startswith("hop3: cannot be started: ")
    assert text in done.stderr


def test_every_start_is_counted(tmp_path: Path) -> None:
    record = str(tmp_path / "record")
    assert read_start(record) is None
    for count in (1, 2):
        starter.note_start(record)
        noted = read_start(record)
        assert noted is not None
        assert (noted.pid, noted.count, noted.boot) == (os.getpid(), count, starter.boot())
        assert noted.time == start_time(os.getpid())


@pytest.mark.parametrize("text", ["", "1 2 3", "1 2 x boot"])
def test_a_record_that_is_torn_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "record").write_text(text)
    assert read_start(str(tmp_path / "record")) is None


def test_a_process_that_is_not_there_has_no_start_time() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert start_time(child) == 0


MINUTES = (
    "import sys; from hop3_nix.deploy.services import starter; starter.MINUTE = 0.3;"
    "starter.main(sys.argv[1:])"
)
"""The starter, in a world where minutes are short."""


def timed(tmp_path: Path, script: str, schedule: str = "* * * * *") -> subprocess.Popen[str]:
    service = {
        "argv": ["/bin/sh", "-c", script],
        "env": {"A": "env"},
        "directory": "/",
        "secrets": "",
        "confinement": None,
        "schedule": schedule,
        "limits": {},
    }
    file = tmp_path / "service.json"
    file.write_text(json.dumps(service))
    return subprocess.Popen(
        [sys.executable, "-c", MINUTES, str(file), str(tmp_path / "record")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )


def test_what_has_a_schedule_is_started_at_its_times(tmp_path: Path) -> None:
    with timed(tmp_path, "echo $A") as process:
        assert process.stdout is not None
        try:
            assert [process.stdout.readline() for _ in range(3)] == ["env\n"] * 3
            record = read_start(str(tmp_path / "record"))
            assert record is not None
            assert record.pid == process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_what_still_runs_is_not_started_again_and_ends_with_its_group(tmp_path: Path) -> None:
    with timed(tmp_path, "echo first; sleep 1000") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "first\n"
        assert process.stdout.readline() == "hop3: not started: the one before still runs\n"
        os.killpg(process.pid, signal.SIGTERM)
        assert "first" not in process.stdout.read()  # returns when nobody holds the pipe any more


def test_what_is_not_due_is_not_started(tmp_path: Path) -> None:
    # The thirty-first of February.
    with timed(tmp_path, "echo never", "0 0 31 2 *") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        assert process.stdout.read() == ""


@pytest.mark.parametrize(
    ("schedule", "moment", "due"),
    [
        ("30 4 * * *", "2026-11-28 04:30", True),
        ("30 4 * * *", "2026-11-28 04:31", False),
        ("*/15 * * * *", "2026-11-28 10:45", True),
        ("0 0 * * mon-fri", "2026-11-28 00:00", False),
        ("0 0 * * sat", "2026-11-28 00:00", True),
        ("0 0 * * 7", "2026-11-29 00:00", True),
        ("0 0 1 * sun", "2026-11-29 00:00", True),
        ("0 0 1 * sun", "2026-12-01 00:00", True),
        ("0 0 1 * sun", "2026-12-02 00:00", False),
        ("0 0 */2 * sun", "2026-11-29 00:00", True),
        ("0 0 */2 * sun", "2026-11-22 00:00", False),
        ("@monthly", "2026-12-01 00:00", True),
        ("5 0 * jan *", "2026-12-01 00:05", False),
    ],
)
def test_when_a_schedule_is_due(schedule: str, moment: str, *, due: bool) -> None:
    assert is_due(schedule, time.strptime(moment, "%Y-%m-%d %H:%M")) == due
