"""``hop3-nix run`` and ``exec`` with real processes, on artifacts that the post-build step made."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.postbuild.__main__ import main as post_build

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = """
import json, sys
from hop3_nix.deploy.artifact import locate
from hop3_nix.deploy.run import RunOptions, run
sys.exit(run(locate(sys.argv[1], trusted=True), RunOptions(**json.loads(sys.argv[2]))))
"""
EXEC = """
import sys
from hop3_nix.deploy import exec
exec._could_write = lambda *_: False  # as for who is not root
exec.main_fast(sys.argv[1:])
sys.exit("the slow path was taken")
"""
SLEEP = "sleep 1000"
PATIENCE = 20.0
"""Seconds for what takes milliseconds on a machine that has nothing else to do."""


class Runs:
    """Makes artifacts, runs them, and knows every process that descends from them."""

    def __init__(self, tmp_path: Path) -> None:
        # Where the workers may write, as users of their own.
        self.tmp_path = tmp_path / "state/apps/artifact/run"
        self.tmp_path.mkdir(parents=True)
        self.out = tmp_path / "state/apps/artifact/releases/artifact"
        self.mark = f"RUN_MARK={tmp_path}"
        self.env = {
            **{k: v for k, v in os.environ.items() if k not in {"PORT", "HOP3_STATE_DIR"}},
            "HOP3_NIX_STATE": str(tmp_path / "state"),
            "RUN_MARK": str(tmp_path),
        }

    def artifact(self, workers: dict[str, str], **spec: Any) -> Path:
        """Return an artifact whose workers are ``workers``, shell lines."""
        app = self.tmp_path / "app"
        app.mkdir(exist_ok=True)
        data = {
            "mode": "local",
            "app_name": "demo",
            "shell": "/bin/bash",
            "path": ["/usr/bin", "/bin"],
            "working_dir": str(app),
            "workers": workers,
            **spec,
        }
        file = self.tmp_path / "spec.json"
        file.write_text(json.dumps(data))
        assert post_build([str(file), str(self.out)]) == 0
        return self.out

    def script(self, name: str, text: str) -> str:
        """Write an executable shell script and return its path."""
        path = self.tmp_path / "app" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)
        return str(path)

    @contextmanager
    def started(
        self, artifact: Path, *, env: dict[str, str] | None = None, **options: Any
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a run and, at the end, see that it has ended."""
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(artifact), json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.env, **(env or {})},
        )
        try:
            with process:
                yield process
                process.wait(PATIENCE)
        finally:
            process.kill()

    def run(
        self, artifact: Path, *, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[bytes]:
        """Run to the end."""
        return subprocess.run(
            [sys.executable, "-c", RUN, str(artifact), json.dumps(options)],
            capture_output=True,
            env={**self.env, **(env or {})},
            timeout=PATIENCE * 3,
            check=False,
        )

    def left_over(self) -> list[str]:
        """Return the command of every live process that has our mark in its environment."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                marked = self.mark.encode() in (entry / "environ").read_bytes().split(b"\0")
                if entry.name.isdigit() and marked:
                    found.append((entry / "cmdline").read_text())
            except OSError:
                continue
        return found


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path)
    yield runs
    assert wait_for(lambda: not runs.left_over()), runs.left_over()


def wait_for(condition: Any, patience: float = PATIENCE) -> bool:
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def lines_of(data: bytes, name: str) -> list[str]:
    found = re.findall(rb"^(\S+) +\| ?(.*)$", data, re.MULTILINE)
    return [line.decode() for worker, line in found if worker.decode() == name]


def stop(process: subprocess.Popen[bytes], number: signal.Signals, *files: Path) -> bytes:
    """Send a signal once the files exist, and return what was said on standard error."""
    assert wait_for(lambda: all(file.exists() for file in files))
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    return err


# Output.


def test_streams_stay_apart_and_every_line_has_its_name(runs: Runs) -> None:
    web = runs.script("web", "echo one; echo two >&2; printf 'no end'; exit 0")
    done = runs.run(runs.artifact({"web": web, "longer-name": SLEEP}))
    assert done.stdout == b"web         | one\nweb         | no end\n"
    assert "two" in lines_of(done.stderr, "web")
    assert "web ended with status 0" in lines_of(done.stderr, "hop3")


def test_lines_of_many_workers_are_never_mixed(runs: Runs) -> None:
    count, text = 50000, "abcdefghij" * 10
    noisy = runs.script(
        "noisy",
        f"seq -f '{text} %.0f' {count} & seq -f '{text} %.0f' {count} >&2; wait\n"
        "touch done-$1; until [ -e done-a ] && [ -e done-b ]; do sleep 0.05; done",
    )
    artifact = runs.artifact({"a": f"{noisy} a", "b": f"{noisy} b"})
    process = subprocess.run(
        [sys.executable, "-c", RUN, str(artifact), "{}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=runs.env,
        timeout=PATIENCE * 3,
        check=False,
    )
    expected = sorted(2 * [f"{text} {number}" for number in range(1, count + 1)])
    assert sorted(lines_of(process.stdout, "a")) == expected
    assert sorted(lines_of(process.stdout, "b")) == expected


def test_huge_output_arrives_whole(runs: Runs) -> None:
    web = runs.script("web", "seq 3000000")
    done = runs.run(runs.artifact({"web": web}))
    expected = b"".join(b"web  | %d\n" % number for number in range(1, 3000001))
    assert done.stdout == expected


def test_very_long_line_arrives_whole(runs: Runs) -> None:
    web = runs.script("web", "head -c 900000 /dev/zero | tr '\\0' x; echo; echo end")
    done = runs.run(runs.artifact({"web": web}))
    assert done.stdout == b"web  | " + b"x" * 900000 + b"\nweb  | end\n"


def test_line_longer_than_a_mebibyte_is_broken_but_not_lost(runs: Runs) -> None:
    web = runs.script("web", "head -c 5000000 /dev/zero | tr '\\0' x")
    done = runs.run(runs.artifact({"web": web}))
    assert done.stdout.replace(b"web  | ", b"").replace(b"\n", b"") == b"x" * 5000000


def test_binary_junk_is_passed_on(runs: Runs) -> None:
    (runs.tmp_path / "junk").write_bytes(bytes(set(range(256)) - {10}) * 100)
    done = runs.run(runs.artifact({"web": f"cat {runs.tmp_path}/junk"}))
    assert done.stdout == b"web  | " + (runs.tmp_path / "junk").read_bytes() + b"\n"


def test_reader_that_goes_away_ends_the_run(runs: Runs) -> None:
    web = runs.script("web", "while :; do echo x; done")
    with runs.started(runs.artifact({"web": web, "worker": SLEEP})) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE) == 128 + signal.SIGPIPE


def test_reader_that_stands_still_does_not_keep_the_run_from_ending(runs: Runs) -> None:
    web = runs.script("web", f"touch {runs.tmp_path}/up; while :; do echo xxxxxxxxxx; done")
    with runs.started(runs.artifact({"web": web}), grace=0.5) as process:
        assert wait_for((runs.tmp_path / "up").exists)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


# The end.


@pytest.mark.parametrize("status", [0, 1, 3, 255])
def test_first_worker_that_ends_gives_the_status_and_ends_the_rest(runs: Runs, status: int) -> None:
    ended = runs.tmp_path / "ended"
    web = runs.script("web", f"until [ -e up ]; do sleep 0.02; done; exit {status}")
    text = f"trap 'touch {ended}; exit 9' TERM; touch up; sleep 1000 & wait"
    worker = runs.script("worker", text)
    done = runs.run(runs.artifact({"web": web, "worker": worker}))
    assert done.returncode == status
    assert ended.exists()


def test_worker_that_a_signal_ended_gives_128_and_its_number(runs: Runs) -> None:
    web = runs.script("web", "kill -KILL $$")
    done = runs.run(runs.artifact({"web": web, "worker": SLEEP}))
    assert done.returncode == 128 + signal.SIGKILL
    assert "web ended with SIGKILL" in lines_of(done.stderr, "hop3")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("ending", ["exit 0", "trap - TERM; kill $$"])
def test_stopping_is_no_failure(runs: Runs, number: signal.Signals, ending: str) -> None:
    up = runs.tmp_path / "up"
    web = runs.script("web", f"trap '{ending}' TERM; touch {up}; sleep 1000 & wait")
    with runs.started(runs.artifact({"web": web, "worker": SLEEP})) as process:
        stop(process, number, up)
    assert process.returncode == 0


def test_worker_that_fails_to_stop_well_gives_its_status(runs: Runs) -> None:
    up = runs.tmp_path / "up"
    web = runs.script("web", f"trap 'exit 7' TERM; touch {up}; sleep 1000 & wait")
    with runs.started(runs.artifact({"web": web, "worker": SLEEP})) as process:
        stop(process, signal.SIGTERM, up)
    assert process.returncode == 7


def test_worker_that_ignores_term_is_killed_after_the_grace_time(runs: Runs) -> None:
    up = runs.tmp_path / "up"
    web = runs.script("web", f"trap '' TERM; touch {up}; while :; do sleep 1; done")
    with runs.started(runs.artifact({"web": web, "worker": SLEEP}), grace=0.7) as process:
        began = time.monotonic()
        err = stop(process, signal.SIGTERM, up)
    assert 0.7 <= time.monotonic() - began < 60
    assert process.returncode == 128 + signal.SIGKILL
    assert "killing after 0.7 s: web" in lines_of(err, "hop3")


def test_second_interrupt_kills_at_once(runs: Runs) -> None:
    up, told = runs.tmp_path / "up", runs.tmp_path / "told"
    web = runs.script("web", f"trap 'touch {told}' TERM; touch {up}; while :; do sleep 0.1; done")
    with runs.started(runs.artifact({"web": web}), grace=1000) as process:
        assert wait_for(up.exists)
        process.send_signal(signal.SIGINT)
        err = stop(process, signal.SIGINT, told)
    assert process.returncode == 128 + signal.SIGKILL
    assert "killing at once: web" in lines_of(err, "hop3")


def test_stopped_worker_ends_too(runs: Runs) -> None:
    up = runs.tmp_path / "up"
    web = runs.script("web", f"touch {up}; kill -STOP $$")
    with runs.started(runs.artifact({"web": web})) as process:
        stop(process, signal.SIGTERM, up)
    assert process.returncode == 0


@pytest.mark.parametrize("name", ["HUP", "USR1", "USR2", "QUIT"])
def test_other_signals_are_passed_on_to_every_worker(runs: Runs, name: str) -> None:
    lines = {}
    for worker in ("web", "worker"):
        got, up = runs.tmp_path / f"{worker}-got", runs.tmp_path / f"{worker}-up"
        text = f"trap 'touch {got}' {name}; touch {up}; while :; do sleep 0.05; done"
        lines[worker] = runs.script(worker, text)
    with runs.started(runs.artifact(lines)) as process:
        assert wait_for(lambda: all((runs.tmp_path / f"{w}-up").exists() for w in lines))
        process.send_signal(getattr(signal, f"SIG{name}"))
        assert wait_for(lambda: all((runs.tmp_path / f"{w}-got").exists() for w in lines))
        assert process.poll() is None
        stop(process, signal.SIGTERM)


def test_launcher_that_cannot_start_fails_the_run(runs: Runs) -> None:
    artifact = runs.artifact({"a": SLEEP, "web": SLEEP})
    (artifact / "bin" / "web").write_text("#!/no/such/shell\n")
    done = runs.run(artifact)
    assert done.returncode == 127
    assert "web cannot be started" in done.stderr.decode()


# Nothing is left over.


def test_processes_that_ran_away_are_ended(runs: Runs) -> None:
    up = runs.tmp_path / "up"
    away = runs.script("away", f"trap '' TERM HUP; touch {up}; while :; do sleep 1; done")
    text = f"setsid {away} & setsid sleep 1000 & disown -a"
    web = runs.script("web", f"{text}; until [ -e {up} ]; do sleep 0.02; done")
    done = runs.run(runs.artifact({"web": web}), grace=1)
    assert done.returncode == 0
    assert runs.left_over() == []


def test_child_that_outlives_its_worker_does_not_delay_the_end(runs: Runs) -> None:
    web = runs.script("web", "sleep 1000 & exit 4")
    began = time.monotonic()
    done = runs.run(runs.artifact({"web": web}))
    assert done.returncode == 4
    assert time.monotonic() - began < 60
    assert runs.left_over() == []


def test_workers_end_when_the_run_itself_is_killed(runs: Runs) -> None:
    up = runs.tmp_path / "up"
    web = runs.script("web", f"touch {up}; exec sleep 1000")
    with runs.started(runs.artifact({"web": web})) as process:
        assert wait_for(up.exists)
        process.kill()
    assert wait_for(lambda: not runs.left_over())


# Before the workers.


def test_before_run_comes_first_and_in_order(runs: Runs) -> None:
    web = runs.script("web", "cat order; exit 0")
    artifact = runs.artifact(
        {"web": web}, before_run=["echo 1 >> order", "echo 2 >> order; echo said"]
    )
    done = runs.run(artifact)
    assert lines_of(done.stdout, "web") == ["1", "2"]
    assert lines_of(done.stdout, "before_run") == ["said"]


def test_failure_of_before_run_stops_everything_with_its_status(runs: Runs) -> None:
    web = runs.script("web", f"touch {runs.tmp_path}/started")
    done = runs.run(runs.artifact({"web": web}, before_run=["exit 5", "touch never"]))
    assert done.returncode == 5
    assert not (runs.tmp_path / "started").exists()
    assert not (runs.tmp_path / "app" / "never").exists()
    said = lines_of(done.stderr, "hop3")
    assert "no worker was started: before_run ended with status 5" in said


def test_stop_during_before_run_starts_no_worker(runs: Runs) -> None:
    up = runs.tmp_path / "up"
    web = runs.script("web", f"touch {runs.tmp_path}/started")
    slow = runs.script("slow", f"trap 'exit 0' TERM; touch {up}; sleep 1000 & wait")
    with runs.started(runs.artifact({"web": web}, before_run=[slow])) as process:
        stop(process, signal.SIGTERM, up)
    assert process.returncode == 128 + signal.SIGTERM
    assert not (runs.tmp_path / "started").exists()


def test_before_run_and_workers_see_the_same_environment(runs: Runs) -> None:
    show = 'echo "$FIXED $CHOICE $HOP3_STATE_DIR"'
    artifact = runs.artifact(
        {"web": f"{show}; exit 0"},
        before_run=[show],
        env={"FIXED": "artifact", "CHOICE": "artifact"},
        defaults=["CHOICE"],
    )
    done = runs.run(artifact, env={"FIXED": "mine", "CHOICE": "mine"})
    state = runs.tmp_path
    assert lines_of(done.stdout, "before_run") == [f"artifact mine {state}"]
    assert lines_of(done.stdout, "web") == [f"artifact mine {state}"]


def test_overrides_reach_before_run_and_workers(runs: Runs) -> None:
    show = 'echo "$FIXED"'
    artifact = runs.artifact(
        {"web": f"{show}; exit 0"}, before_run=[show], env={"FIXED": "artifact"}
    )
    done = runs.run(artifact, overrides={"FIXED": "mine"})
    assert lines_of(done.stdout, "before_run") == ["mine"]
    assert lines_of(done.stdout, "web") == ["mine"]


# Ports, numbers, choice.


def test_taken_port_is_passed_over(runs: Runs) -> None:
    artifact = runs.artifact({"web": "echo $PORT; exit 0"})
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 5000))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which serves as well
        done = runs.run(artifact)
    port = int(lines_of(done.stdout, "web")[0])
    assert 5000 < port < 5100
    assert f"PORT={port}" in done.stderr.decode()


def test_every_instance_has_its_port_and_name(runs: Runs) -> None:
    all_up = "[ -e 7000 ] && [ -e 7001 ] && [ -e 7100 ]"
    web = runs.script("web", f"echo $PORT; touch $PORT; until {all_up}; do sleep 0.02; done")
    artifact = runs.artifact({"web": web, "worker": f"{web}; sleep 1000"})
    done = runs.run(artifact, env={"PORT": "7000"}, scale={"web": 2})
    assert lines_of(done.stdout, "web.1") == ["7000"]
    assert lines_of(done.stdout, "web.2") == ["7001"]
    assert lines_of(done.stdout, "worker") == ["7100"]


def test_only_the_chosen_workers_are_started(runs: Runs) -> None:
    artifact = runs.artifact({"web": "echo web; exit 0", "worker": f"echo worker; {SLEEP}"})
    done = runs.run(artifact, only=["web"])
    assert lines_of(done.stdout, "worker") == []
    assert lines_of(done.stdout, "web") == ["web"]


def test_cron_and_static_workers_are_said_not_started(runs: Runs) -> None:
    artifact = runs.artifact(
        {"web": "true", "cron-tidy": "*/5 * * * * touch tidied", "static": "."}
    )
    said = lines_of(runs.run(artifact).stderr, "hop3")
    command = f"hop3-nix exec cron-tidy {artifact}"
    expected = f"cron-tidy is not started: its schedule is '*/5 * * * *'; to run it once: {command}"
    assert expected in said
    assert f"static is not started: a web server has to serve {runs.tmp_path}/app" in said
    assert not (runs.tmp_path / "app" / "tidied").exists()


def test_writable_tree_is_written_instead_of_the_artifact(runs: Runs) -> None:
    web = runs.script("web", "echo $(pwd) >> written; wc -l < written")
    app = runs.tmp_path / "app"
    artifact = runs.artifact({"web": web}, writable_tree=str(app))
    copy = runs.tmp_path / "tree"
    assert [lines_of(runs.run(artifact).stdout, "web") for _ in range(2)] == [["1"], ["2"]]
    assert (copy / "written").read_text() == f"{copy}\n" * 2
    assert not (app / "written").exists()


# Terminals.


def on_terminal(runs: Runs, artifact: Path, **env: str) -> tuple[int, int]:
    pid, terminal = pty.fork()
    if pid == 0:
        command = [sys.executable, "-c", RUN, str(artifact), "{}"]
        environ = {**runs.env, "TERM": "xterm", **env}
        os.execve(command[0], command, environ)  # noqa: S606 - a terminal needs a real fork
    return pid, terminal


def read_all(terminal: int) -> bytes:
    data = b""
    while select.select([terminal], [], [], PATIENCE)[0]:
        try:
            data += os.read(terminal, 65536)
        except OSError:
            break
    return data


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_names_are_coloured_on_a_terminal(runs: Runs, no_color: str, *, coloured: bool) -> None:
    artifact = runs.artifact({"web": "echo hello; exit 0"})
    pid, terminal = on_terminal(runs, artifact, NO_COLOR=no_color)
    data = read_all(terminal)
    os.waitpid(pid, 0)
    os.close(terminal)
    assert (b"\x1b[" in data) == coloured
    assert (b"\x1b[36mweb  | \x1b[0mhello\r\n" if coloured else b"web  | hello\r\n") in data


def test_interrupt_at_the_terminal_stops_gracefully(runs: Runs) -> None:
    up, told = runs.tmp_path / "up", runs.tmp_path / "told"
    text = f"trap 'touch {told}-int' INT; trap 'touch {told}; exit 0' TERM; touch {up}"
    web = runs.script("web", f"{text}; while :; do sleep 0.1; done")
    pid, terminal = on_terminal(runs, runs.artifact({"web": web}))
    assert wait_for(up.exists)
    os.write(terminal, b"\x03")
    read_all(terminal)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert told.exists()
    assert not Path(f"{told}-int").exists()


def test_closed_terminal_ends_everything(runs: Runs) -> None:
    up = runs.tmp_path / "up"
    web = runs.script("web", f"trap '' HUP; touch {up}; while :; do sleep 0.1; done")
    pid, terminal = on_terminal(runs, runs.artifact({"web": web}))
    assert wait_for(up.exists)
    os.close(terminal)
    assert wait_for(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid)


# exec.


def test_exec_becomes_the_worker(runs: Runs) -> None:
    web = runs.script("web", "echo $$; exit 6")
    process = subprocess.Popen(
        [sys.executable, "-c", EXEC, "web", str(runs.artifact({"web": web}))],
        stdout=subprocess.PIPE,
        env=runs.env,
        text=True,
    )
    out, _ = process.communicate(timeout=PATIENCE)
    assert out == f"{process.pid}\n"
    assert process.returncode == 6


def test_exec_costs_at_most_40_ms_more_than_a_direct_start(runs: Runs) -> None:
    artifact = runs.artifact({"web": "true"})

    def least(command: list[str]) -> float:
        """Return seconds of processor time, which other work on the machine changes little."""
        costs = []
        for _ in range(15):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, env=runs.env, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            costs.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
        return min(costs)

    direct = least([str(artifact / "bin" / "web")])
    through = least([sys.executable, "-c", EXEC, "web", str(artifact)])
    assert through - direct < 0.040
