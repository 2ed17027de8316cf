"""Services under supervisord: real processes, real crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploying import (
    end_supervisord,
    processes,
    script,
    service,
    shell,
    supervised,
    supervisord_pid,
    wait_for,
)
from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.deploy.services.supervisord import Supervisord
from hop3_nix.errors import InputError, ServiceTimeoutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hop3_nix.deploy.services.base import ServiceStatus

WEB = "hop3-shop-r1-web-1"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("root")


@pytest.fixture(scope="module")
def shared(root: Path) -> Iterator[Supervisord]:
    with supervised(root) as services:
        yield services


@pytest.fixture
def services(shared: Supervisord, root: Path) -> Iterator[Supervisord]:
    yield shared
    for app in ("shop", "blog"):
        shared.remove(shared.installed(app))
    for path in root.glob("supervisor/logs/*"):
        path.unlink()


def status(services: Supervisord, name: str = WEB) -> ServiceStatus:
    return services.status([name])[name]


def log(services: Supervisord, name: str = WEB, lines: int = 50) -> list[str]:
    return [line for _, line in services.logs([name], lines=lines, follow=False)]


def test_from_installed_to_forgotten(services: Supervisord) -> None:
    assert status(services).state == "absent"
    services.install([shell(services, "r1-web-1", "echo up; exec sleep 1000")])
    assert services.installed("shop") == (WEB,)
    assert status(services).state == "stopped"
    services.start([WEB])
    running = status(services)
    assert running.state == "running"
    assert running.since.endswith("+00:00")
    services.start([WEB])  # again does no harm
    assert status(services).pid == running.pid
    wait_for(lambda: log(services) == ["up"], "logged")
    services.stop([WEB])
    services.stop([WEB, "hop3-shop-r9-web-1"])
    assert status(services).state == "stopped"
    services.remove([WEB, "hop3-shop-r9-web-1"])
    assert status(services).state == "absent"
    assert services.installed("shop") == ()
    assert log(services) == ["up"]  # what a release said is still asked for when it is gone


def test_the_supervisord_is_on_its_own(services: Supervisord, root: Path) -> None:
    services.install([shell(services, "r1-web-1", "exec sleep 1000")])
    services.start([WEB])
    pid = supervisord_pid(root)
    assert pid is not None
    assert os.getsid(pid) not in {os.getsid(0), os.getpid()}
    environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert {line.partition(b"=")[0] for line in environ} - {b""} <= {b"PATH", b"HOME"}


def test_installing_again_does_not_disturb_what_runs(services: Supervisord) -> None:
    services.install([shell(services, "r1-web-1", "exec sleep 1000")])
    services.start([WEB])
    pid = status(services).pid
    services.install([shell(services, "r1-web-1", "exec sleep 2000", stop_timeout=5)])
    services.start([WEB])
    assert status(services).pid == pid
    services.stop([WEB])
    services.start([WEB])
    wait_for(lambda: processes("sleep 2000") == [status(services).pid], "as installed last")


def test_what_crashes_is_started_again_and_counted(services: Supervisord) -> None:
    services.install([shell(services, "r1-web-1", "exec sleep 1000")])
    services.start([WEB])
    first = status(services)
    wait_for(lambda: time.time() - _started(first) > 2, "in its third second")
    assert first.pid is not None
    os.kill(first.pid, signal.SIGSEGV)
    wait_for(lambda: status(services).pid not in {None, first.pid}, "started again")
    assert status(services).restarts == 1


def _started(of: ServiceStatus) -> float:
    from datetime import datetime  # noqa: PLC0415 - here alone

    return datetime.fromisoformat(of.since).timestamp()


def test_what_ends_at_once_is_seen_before_it_is_started_again(services: Supervisord) -> None:
    services.install([shell(services, "r1-web-1", "echo no; exit 3")])
    services.start([WEB])
    wait_for(lambda: status(services).state == "starting", "seen")
    assert status(services).restarts >= 1
    wait_for(lambda: log(services).count("no") >= 2, "started again")


def test_what_ends_well_stays_ended(services: Supervisord) -> None:
    services.install([shell(services, "r1-web-1", "sleep 1.2")])
    services.start([WEB])
    wait_for(lambda: status(services).state == "stopped", "ended")
    assert (status(services).status, status(services).restarts) == (0, 0)
    services.start([WEB])
    assert status(services).state == "running"


def test_a_program_that_is_not_there_is_named_in_the_log(services: Supervisord) -> None:
    services.install([service(services, "r1-web-1", "/nowhere/server")])
    services.start([WEB])
    wait_for(lambda: log(services), "logged")
    assert log(services)[0] == (
        "hop3: cannot be started: /nowhere/server: No such file or directory"
    )


def test_secrets_come_from_their_file_and_stand_nowhere_else(
    services: Supervisord, root: Path, tmp_path: Path
) -> None:
    secrets = tmp_path / "environment"
    secrets.write_text('KEY="se\\"cret %(x)s\ntwo lines"\n')
    secrets.chmod(0o600)
    code = "import os, time; print(ascii(os.environ['KEY']), flush=True); time.sleep(1000)"
    services.install([script(services, "r1-web-1", code, secrets=secrets)])
    services.start([WEB])
    wait_for(lambda: log(services), "logged")
    assert log(services) == [ascii('se"cret %(x)s\ntwo lines')]
    written = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".log")
    assert not [path for path in written if b"cret %(x)s" in path.read_bytes()]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_what_has_left_the_session_and_its_parent_ends_with_the_service(
    services: Supervisord, end: str
) -> None:
    mark = f"sleep {int.from_bytes(os.urandom(4), 'big')}"

    def away() -> set[int]:
        return {pid for pid in processes(mark) if _program(pid) == "sleep"}

    line = f"(setsid {mark} & setsid {mark} &); exec sleep 1000"
    services.install([shell(services, "r1-web-1", line)])
    services.start([WEB])
    wait_for(lambda: len(away()) == 2, "run away")
    first, pid = away(), status(services).pid
    assert pid is not None
    assert first | {pid} <= services.processes(WEB)
    if end == "stop":
        services.stop([WEB])
        assert away() == set()
    else:
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: len(away() - first) == 2, "started again")
        assert not away() & first


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def test_stopping_ends_what_the_process_leaves_behind(services: Supervisord) -> None:
    line = "sleep 3001 & trap 'exit 0' TERM; echo up; wait"
    services.install([shell(services, "r1-web-1", line)])
    services.start([WEB])
    wait_for(lambda: processes("sleep 3001") and log(services), "up")
    services.stop([WEB])
    assert processes("sleep 3001") == []


def test_what_does_not_heed_sigterm_is_killed_after_its_time(services: Supervisord) -> None:
    code = f"{STUBBORN}time.sleep(1000)"
    services.install([script(services, "r1-web-1", code, stop_timeout=1)])
    services.start([WEB])
    wait_for(lambda: log(services), "up")
    began = time.monotonic()
    services.stop([WEB])
    assert 0.9 < time.monotonic() - began < 10
    assert status(services).state == "stopped"


def test_a_killed_supervisord_is_replaced(tmp_path: Path) -> None:
    with supervised(tmp_path) as services:
        services.install(
            [
                shell(services, "r1-web-1", "exec sleep 4001"),
                shell(services, "r1-other-1", "exec sleep 4002"),
            ]
        )
        services.start([WEB, "hop3-shop-r1-other-1"])
        services.enable("shop", [WEB])
        wait_for(lambda: processes("sleep 4001") and processes("sleep 4002"), "up")
        end_supervisord(tmp_path, signal.SIGKILL)
        left = status(services)
        assert (left.state, [left.pid]) == ("running", processes("sleep 4001"))
        assert supervisord_pid(tmp_path) is None  # to look starts nothing
        services.install([shell(services, "r2-web-1", "exec sleep 4003")])
        services.start(["hop3-shop-r2-web-1"])
        wait_for(lambda: len(processes("sleep 4001")) == 1, "what is enabled started anew")
        assert processes("sleep 4001") != [left.pid]
        assert processes("sleep 4002") == []
        assert status(services).state == "running"


def test_what_is_just_starting_ends_with_a_killed_supervisord(tmp_path: Path) -> None:
    with supervised(tmp_path) as services:
        names = [f"hop3-shop-r1-web-{number}" for number in range(8)]
        services.install([shell(services, name[10:], "exec sleep 4005") for name in names])
        services.start(names)
        end_supervisord(tmp_path, signal.SIGKILL)
        wait_for(lambda: not processes(str(tmp_path)), "all starters done")
        services.stop(names)
        assert processes("sleep 4005") == []


def test_what_a_supervisord_left_when_it_ended_is_ended_too(tmp_path: Path) -> None:
    with supervised(tmp_path) as services:
        services.install([shell(services, "r1-web-1", "trap 'exit 0' TERM; sleep 4006 & wait")])
        services.start([WEB])
        wait_for(lambda: len(processes("sleep 4006")) == 2, "up")
        end_supervisord(tmp_path)
        assert len(processes("sleep 4006")) == 1
        services.install([shell(services, "r2-web-1", "exec sleep 1000")])
        services.start(["hop3-shop-r2-web-1"])
        assert processes("sleep 4006") == []


def test_stop_ends_what_a_killed_supervisord_has_left(tmp_path: Path) -> None:
    with supervised(tmp_path) as services:
        services.install([shell(services, "r1-web-1", "exec sleep 4004")])
        services.start([WEB])
        end_supervisord(tmp_path, signal.SIGKILL)
        services.stop([WEB])
        assert processes("sleep 4004") == []
        assert status(services).state == "stopped"
        assert supervisord_pid(tmp_path) is None


def test_only_what_is_enabled_starts_with_the_next_supervisord(tmp_path: Path) -> None:
    with supervised(tmp_path) as services:
        names = ["hop3-shop-r1-web-1", "hop3-shop-r2-web-1", "hop3-blog-r1-web-1"]
        services.install([shell(services, "r1-web-1", "exec sleep 1000")])
        services.install([shell(services, "r2-web-1", "exec sleep 1000")])
        services.install([shell(services, "r1-web-1", "exec sleep 1000", app="blog")])
        services.start(names)
        services.enable("shop", [names[0]])
        services.enable("shop", [names[1]])
        end_supervisord(tmp_path)
        assert {of.state for of in services.status(names).values()} == {"stopped"}
        conf = tmp_path / "supervisor/supervisord.conf"
        subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", conf], cwd="/", check=True
        )
        wait_for(lambda: services.status(names)[names[1]].state == "running", "started")
        assert [services.status(names)[name].state for name in names] == [
            "stopped",
            "running",
            "stopped",
        ]


def test_two_commands_start_one_supervisord(tmp_path: Path) -> None:
    with supervised(tmp_path) as services:
        names = [f"r1-web-{number}" for number in range(4)]
        services.install([shell(services, name, "exec sleep 1000") for name in names])
        threads = [
            threading.Thread(target=Supervisord(Layout(tmp_path)).start, args=([f"hop3-shop-{n}"],))
            for n in names
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = services.status(services.installed("shop"))
        assert [of.state for of in told.values()] == ["running"] * 4
        # What is about to become a service still looks like the supervisord it comes from.
        wait_for(lambda: len(processes(f"{tmp_path}/supervisor/supervisord.conf")) == 1, "one")


def test_a_root_with_a_long_path(tmp_path: Path) -> None:
    with supervised(tmp_path / ("long" * 30)) as services:
        services.install([shell(services, "r1-web-1", "exec sleep 1000")])
        services.start([WEB])
        assert status(services).state == "running"


def test_a_log_is_followed(services: Supervisord) -> None:
    services.install([shell(services, "r1-web-1", "echo one; sleep 1; echo two; sleep 1000")])
    services.start([WEB])
    lines = services.logs([WEB], lines=5, follow=True)
    assert [next(lines), next(lines)] == [(WEB, "one"), (WEB, "two")]


class TestRunningOnce:
    def test_its_lines_in_order_and_its_status(self, services: Supervisord) -> None:
        lines: list[str] = []
        once = shell(services, "r1--before-1", "echo a; echo b >&2; echo c; exit 4")
        assert services.run(once, timeout=30, line=lines.append) == 4
        assert lines == ["a", "b", "c"]
        assert services.installed("shop") == ()

    @pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGKILL, signal.SIGSEGV])
    def test_the_signal_that_ended_it_is_told(
        self, services: Supervisord, number: signal.Signals
    ) -> None:
        once = shell(services, "r1--before-1", f"kill -{number} $$")
        assert services.run(once, timeout=30, line=print) == -number

    def test_what_cannot_be_started(self, services: Supervisord) -> None:
        lines: list[str] = []
        once = service(services, "r1--before-1", "/nowhere/migrate")
        assert services.run(once, timeout=30, line=lines.append) == 126
        assert lines[0].startswith("hop3: cannot be started: ")

    def test_nothing_of_it_goes_on(self, services: Supervisord) -> None:
        once = shell(services, "r1--before-1", "(setsid sleep 5001 &); sleep 5002 & exit 0")
        assert services.run(once, timeout=30, line=print) == 0
        assert processes("sleep 5001") + processes("sleep 5002") == []

    def test_it_has_its_time(self, services: Supervisord) -> None:
        code = f"{STUBBORN}import os; os.fork(); time.sleep(5003)"
        once = script(services, "r1--before-1", code)
        began = time.monotonic()
        with pytest.raises(ServiceTimeoutError, match=r"r1--before-1 took longer than 0\.5 s"):
            services.run(once, timeout=0.5, line=print)
        assert time.monotonic() - began < 20
        assert processes("5003") == []

    def test_it_ends_with_whoever_asked_for_it(self, services: Supervisord, root: Path) -> None:
        text = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from pathlib import Path
from deploying import shell
from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.deploy.services.supervisord import Supervisord
services = Supervisord(Layout(Path({str(root)!r})))
once = shell(services, "r1--before-1", "(setsid sleep 5004 &); sleep 5005")
services.run(once, timeout=60, line=print)
"""
        caller = subprocess.Popen([sys.executable, "-c", text])
        wait_for(lambda: processes("sleep 5004") and processes("sleep 5005"), "running")
        caller.kill()
        caller.wait()
        wait_for(lambda: not processes("sleep 5004") + processes("sleep 5005"), "ended")
        assert services.installed("shop") == ()


def test_a_schedule_waits_for_its_time_and_can_be_stopped(services: Supervisord) -> None:
    name = "hop3-shop-r1-cron-1"
    services.install([shell(services, "r1-cron-1", "echo too early", schedule="0 3 1 1 *")])
    services.start([name])
    assert status(services, name).state in {"starting", "running"}
    services.stop([name])
    assert status(services, name).state == "stopped"
    assert log(services, name) == []


class TestRefused:
    def test_a_limit_that_needs_control_groups(self, services: Supervisord) -> None:
        web = shell(services, "r1-web-1", "sleep 1", limits={"MemoryMax": "1G"})
        with pytest.raises(UnavailableError, match="cannot limit MemoryMax"):
            services.check([web], {})

    def test_a_limit_that_is_no_number(self, services: Supervisord) -> None:
        web = shell(services, "r1-web-1", "sleep 1", limits={"LimitNOFILE": "many"})
        with pytest.raises(InputError, match="the limit LimitNOFILE cannot be 'many'"):
            services.check([web], {})

    def test_a_limit_of_a_process_is_set(self, services: Supervisord) -> None:
        limits = {"LimitNOFILE": "1024:2048", "LimitCORE": "0"}
        services.install([shell(services, "r1-web-1", "ulimit -n; exec sleep 9", limits=limits)])
        services.start([WEB])
        wait_for(lambda: log(services) == ["1024"], "logged")


def test_a_supervisord_that_cannot_start_says_why(tmp_path: Path) -> None:
    services = Supervisord(Layout(tmp_path))
    services.install([shell(services, "r1-web-1", "sleep 1")])
    (tmp_path / "supervisor/apps/shop.conf").write_text("[program:hop3-shop-r1-web-1]\nautostart=x")
    with pytest.raises((UnavailableError, ValueError)):
        services.start([WEB])
