"""Services under a real systemd, on a host of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploying import wait_for
from driving import Driven, RefusedError
from hop3_nix.deploy.configuration import write_environment
from hop3_nix.deploy.services import transient
from hop3_nix.deploy.services.base import Service
from hop3_nix.deploy.services.units import units_of
from host import Host, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")

PYTHON = "/usr/bin/python3"
STATE = Path("/var/lib/hop3/state/shop")

SLOW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("\n\t %$\\\"'{};#:=-~*")
    ),
    max_size=20,
)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)

SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]))"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host.boot(tmp_path_factory.mktemp("systemd") / "host") as host:
        yield host


@pytest.fixture
def systemd(host: Host) -> Iterator[Driven]:
    driven = Driven(host)
    yield driven
    driven.call("enable", "shop", [])
    driven.call("remove", driven.call("installed", "shop"))


def due() -> Service:
    every_minute = replace(job("print('due')"), schedule="* * * * *")
    state = Path("/var/lib/hop3/state/clock")
    return replace(every_minute, app="clock", name="hop3-clock-r1-cron-1", state=state)


def job(code: str, *arguments: str, name: str = "-job-1") -> Service:
    return Service(
        app="shop",
        name=f"hop3-shop-r1-{name}",
        description=f"shop: {name}",
        argv=(PYTHON, "-u", "-c", code, *arguments),
        env={"PATH": "/usr/bin:/bin"},
        directory="/",
        state=STATE,
    )


def web(port: int = 8001, *, release: int = 1) -> Service:
    return replace(
        job("", name="web-1"),
        name=f"hop3-shop-r{release}-web-1",
        argv=(PYTHON, "-m", "http.server", str(port)),
        directory="/usr/share",
        port=port,
    )


def fails(call: Callable[[], object]) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        call()
    return error.value


def answers(host: Host, port: int) -> bool:
    try:
        return host.get("/", port)[0] == 200
    except OSError:
        return False


def test_the_process_is_the_program_itself_with_nothing_in_between(
    host: Host, systemd: Driven
) -> None:
    systemd.up(web())
    assert host.wait_for("/", 8001)[0] == 200
    status = systemd.status(web().name)
    assert status.state == "running"
    process = host.files / f"proc/{status.pid}"
    assert (process / "cmdline").read_text().split("\0")[:-1] == list(web().argv)
    assert "\nPPid:\t1\n" in (process / "status").read_text()
    unit = host.run(["systemctl", "cat", web().name]).stdout
    assert f"\nExecStart=:{PYTHON} -m http.server 8001\n" in unit


def test_what_runs_goes_on_when_it_is_installed_and_started_again(
    host: Host, systemd: Driven
) -> None:
    systemd.up(web())
    host.wait_for("/", 8001)
    pid = systemd.status(web().name).pid
    systemd.up(web())
    assert systemd.status(web().name).pid == pid


def test_a_crash_is_followed_by_a_restart(host: Host, systemd: Driven) -> None:
    systemd.up(web())
    host.wait_for("/", 8001)
    host.run(["kill", "-9", str(systemd.status(web().name).pid)])
    wait_for(lambda: systemd.status(web().name).restarts == 1, "restarted")
    assert host.wait_for("/", 8001)[0] == 200
    said = " ".join(line for _, line in systemd.logs(web().name))
    assert "code=killed, status=9/KILL" in said


def test_what_fails_each_time_is_given_up_and_started_again_when_asked(
    host: Host, systemd: Driven
) -> None:
    # How an administrator changes something for all services of an app.
    drop_in = host.files / "etc/systemd/system/hop3-shop-.service.d/often.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Unit]\nStartLimitBurst=3\n[Service]\nRestartSec=0\n")
    failing = job("print('no'); raise SystemExit(7)", name="worker-1")
    systemd.up(failing)
    wait_for(lambda: systemd.status(failing.name).state == "failed", "given up")
    status = systemd.status(failing.name)
    assert (status.status, status.restarts, status.pid) == (7, 3, None)
    assert [line for _, line in systemd.logs(failing.name)].count("no") == 3
    systemd.call("start", [failing.name])
    wait_for(
        lambda: [line for _, line in systemd.logs(failing.name)].count("no") == 6, "given up again"
    )
    (drop_in.parent / "often.conf").unlink()
    drop_in.parent.rmdir()


@pytest.mark.parametrize("how", ["reboot", "power_cut"])
def test_a_boot_starts_exactly_what_is_enabled(host: Host, systemd: Driven, how: str) -> None:
    systemd.up(web(8001, release=1), web(8002, release=2))
    systemd.call("enable", "shop", [web(release=1).name])
    systemd.call("enable", "shop", [web(release=2).name])
    host.wait_for("/", 8002)
    getattr(host, how)()
    assert host.wait_for("/", 8002)[0] == 200
    assert not answers(host, 8001)
    statuses = systemd.call("status", [web(release=n).name for n in (1, 2)])
    assert [status.state for status in statuses.values()] == ["stopped", "running"]
    systemd.call("enable", "shop", [])
    getattr(host, how)()
    assert systemd.status(web(release=2).name).state == "stopped"


def test_what_is_removed_is_gone(host: Host, systemd: Driven) -> None:
    systemd.up(web())
    systemd.call("enable", "shop", [web().name])
    host.wait_for("/", 8001)
    assert systemd.call("installed", "shop") == (web().name,)
    systemd.call("remove", [web().name, "hop3-shop-r9-unknown-1"])
    assert not answers(host, 8001)
    assert systemd.call("installed", "shop") == ()
    assert systemd.status(web().name).state == "absent"


STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
print("stubborn", flush=True)
while True:
    time.sleep(1)
"""


def test_stopping_takes_no_longer_than_the_stop_time(host: Host, systemd: Driven) -> None:
    stubborn = replace(job(STUBBORN, name="worker-1"), stop_timeout=0.5)
    systemd.up(stubborn)
    wait_for(lambda: "stubborn" in str(systemd.logs(stubborn.name)), "started")
    begin = time.monotonic()
    systemd.call("stop", [stubborn.name])
    assert time.monotonic() - begin < 5
    assert systemd.status(stubborn.name).state == "failed"  # as it had to be killed
    group = "/sys/fs/cgroup/systemd/hop3.slice/hop3-shop.slice"
    assert stubborn.name not in host.run(["ls", group], status=None).stdout


def test_who_ends_when_asked_to_is_stopped(host: Host, systemd: Driven) -> None:
    systemd.up(web())
    host.wait_for("/", 8001)
    systemd.call("stop", [web().name])
    systemd.call("stop", [web().name])
    assert systemd.status(web().name).state in {"stopped", "failed"}
    assert not answers(host, 8001)


def test_what_cannot_be_executed_is_told_when_it_is_started(systemd: Driven) -> None:
    refused = fails(lambda: systemd.up(replace(web(), argv=("/nonexistent/program",))))
    assert refused.args[0] == "ServiceError"
    assert "Failed to locate executable /nonexistent/program" in refused.args[2]


CONFINED = """
import ctypes, json, mmap, os, pathlib, socket
def can(what):
    try:
        what()
    except OSError as error:
        return False
    return True
state = pathlib.Path(os.environ["STATE"])
host = [pathlib.Path(d) for d in
        "/ /etc /usr /opt /srv /var/lib /var/lib/hop3 /var/log /nix/store /home /root /run".split()]
print(json.dumps({
    "state": can(lambda: (state / "mine").write_text("x")),
    "tmp": can(lambda: pathlib.Path("/tmp/confined").write_text("x")),
    "elsewhere": [str(d) for d in host if can(lambda: (d / "confined").write_text("x"))],
    "sees root": can(lambda: os.listdir("/root")),
    "root": os.getuid() == 0,
    "becomes root": can(lambda: os.setuid(0)),
    "mounts": ctypes.CDLL(None).mount(b"x", b"/mnt", b"tmpfs", 0, None) == 0,
    "raw socket": can(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
    "low port": can(lambda: socket.socket().bind(("0.0.0.0", 81))),
    "secret": can(lambda: pathlib.Path("/etc/shadow").read_text()),
    "compiles at run time": can(lambda: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)),
}))
"""


def confined(systemd: Driven, service: Service) -> dict[str, object]:
    status, lines = systemd.run(replace(service, env={**service.env, "STATE": str(service.state)}))
    assert status == 0, lines
    found: dict[str, object] = json.loads(lines[-1])
    return found


FREE = {
    "state": True,
    "tmp": True,
    "elsewhere": [],
    "sees root": False,
    "root": False,
    "becomes root": False,
    "mounts": False,
    "raw socket": False,
    "low port": False,
    "secret": False,
    "compiles at run time": True,
}
"""What a process may do."""


@pytest.mark.parametrize("user", ["", "daemon"])
def test_a_process_writes_to_its_state_directory_alone(
    host: Host, systemd: Driven, user: str
) -> None:
    assert confined(systemd, replace(job(CONFINED), user=user)) == FREE
    assert not (host.files / "tmp/confined").exists()
    assert host.run(["stat", "-Lc", "%a", STATE]).stdout == "700\n"


def test_the_confines_of_a_unit_are_those_of_a_command(systemd: Driven) -> None:
    service = replace(job(CONFINED, name="worker-1"), env={"STATE": str(STATE), "PATH": "/bin"})
    systemd.up(service)
    wait_for(lambda: "compiles" in str(systemd.logs(service.name)), "run to its end")
    (line,) = [line for _, line in systemd.logs(service.name) if line.startswith("{")]
    assert json.loads(line) == FREE
    assert systemd.status(service.name).state == "stopped"


def test_low_ports_are_for_who_has_to_listen_there(systemd: Driven) -> None:
    found = confined(systemd, replace(job(CONFINED), bind_low_ports=True))
    assert found == {**FREE, "low port": True}


def test_all_services_of_an_app_are_one_user_and_share_its_state(systemd: Driven) -> None:
    keep = "import os, sys; open(os.path.join(sys.argv[1], sys.argv[2]), 'x'); print(os.getuid())"
    users = {systemd.run(job(keep, str(STATE), name))[1][0] for name in ("a", "b")}
    look = "import os, sys; print(*sorted(os.listdir(sys.argv[1])))"
    assert len(users) == 1
    assert {"a", "b"} <= set(systemd.run(job(look, str(STATE)))[1][0].split())


LOOK = """
import os
print(open("app").read(), *map(os.listdir, ["/root", "/home", "/tmp"]), flush=True)
open("new", "w")
"""


def test_a_directory_in_a_home_is_read_and_nothing_beside_it(host: Host, systemd: Driven) -> None:
    places = [Path("/root/release"), Path("/home/re lease 100%"), Path("/tmp/release")]
    for place in places:
        there = host.files / str(place)[1:]
        there.mkdir()
        (there / "app").write_text("content")
        (there.parent / "beside").write_text("secret")
    for place in places:
        found = confined(systemd, replace(job(CONFINED), directory=str(place), reads=tuple(places)))
        assert found == {**FREE, "sees root": True}
        look = replace(job(LOOK), directory=str(place), reads=tuple(places))
        status, lines = systemd.run(look)
        # What goes to both outputs may come in another order.
        assert "content ['release'] ['re lease 100%'] ['release']" in lines
        assert (status, any("Read-only file system" in line for line in lines)) == (1, True)


@SLOW
@given(arguments=st.lists(ANYTHING, max_size=6), values=st.lists(TEXT, max_size=6))
def test_systemd_reads_in_a_unit_what_was_written(
    host: Host, arguments: list[str], values: list[str]
) -> None:
    env = {f"V{number}": value for number, value in enumerate(values)}
    service = replace(job(SHOW), name="hop3-text-r1-web-1", app="text", env=env)
    service = replace(service, argv=("/usr/bin/env", *arguments), directory="/srv/a 100% b;#")
    (unit,) = units_of(service, "system")
    (host.files / "run/systemd/system").mkdir(exist_ok=True)
    (host.files / "run/systemd/system" / unit.name).write_text(unit.text)
    path = "/org/freedesktop/systemd1/unit/" + "".join(
        c if c.isalnum() else f"_{ord(c):02x}" for c in unit.name
    )
    get = ["busctl", "--json=short", "get-property", "org.freedesktop.systemd1", path]
    script = "systemctl daemon-reload; for p in ExecStart Environment WorkingDirectory; do "
    script += '"$@" org.freedesktop.systemd1.Service $p; done'
    shown = host.run(["sh", "-c", script, "sh", *get]).stdout.strip("\n").split("\n")
    start, environment, directory = (json.loads(line)["data"] for line in shown)
    assert start[0][:2] == ["/usr/bin/env", list(service.argv)]
    assert sorted(environment) == sorted(f"{name}={value}" for name, value in env.items())
    assert directory == service.directory


@SLOW
@given(arguments=st.lists(ANYTHING, max_size=6), values=st.lists(TEXT, max_size=6))
def test_a_command_is_given_what_was_asked_for(
    host: Host, arguments: list[str], values: list[str]
) -> None:
    env = {"PATH": "/usr/bin", **{f"V{number}": value for number, value in enumerate(values)}}
    service = replace(job(SHOW, *arguments), name="hop3-text-r1--job-1", app="text", env=env)
    (host.files / "srv/a 100% $X").mkdir(exist_ok=True)
    service = replace(service, directory="/srv/a 100% $X", state=Path("/var/lib/hop3/state/text"))
    argv = transient.command(service, "system", 20)
    given_arguments, environment, directory = json.loads(host.run(argv).stdout)
    assert given_arguments == arguments
    assert {name: environment[name] for name in env} == env
    assert directory == service.directory


@SLOW
@given(values=st.lists(TEXT, min_size=1, max_size=6))
def test_secrets_are_what_was_stored(host: Host, values: list[str]) -> None:
    secrets = {f"V{number}": value for number, value in enumerate(values)}
    write_environment(host.files / "srv/environment", secrets)
    service = replace(job(SHOW), name="hop3-text-r1--job-1", app="text", env={"V0": "hidden"})
    service = replace(
        service, secrets=Path("/srv/environment"), state=Path("/var/lib/hop3/state/text")
    )
    _, environment, _ = json.loads(host.run(transient.command(service, "system", 20)).stdout)
    assert {name: environment[name] for name in secrets} == secrets


def test_a_command_hands_out_its_lines_and_its_status(systemd: Driven) -> None:
    assert systemd.run(job("print('a\\nb'); raise SystemExit(3)")) == (3, ["a", "b"])
    assert systemd.run(job("import os; os.kill(os.getpid(), 9)")) == (-9, [])
    assert systemd.run(job("raise SystemExit(203)")) == (203, [])
    assert systemd.call("installed", "shop") == ()


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(
    host: Host, systemd: Driven
) -> None:
    endless = replace(job(STUBBORN), stop_timeout=0.5)
    refused = fails(lambda: systemd.run(endless, timeout=1.0))
    assert refused.args[:2] == (
        "ServiceTimeoutError",
        "shop: -job-1 did not end within 1 s, and was ended",
    )
    assert host.run(["systemctl", "is-active", endless.name], status=3).stdout == "inactive\n"
    assert systemd.call("installed", "shop") == ()


@pytest.mark.parametrize(
    "change", [{"argv": ("/nonexistent",)}, {"directory": "/nonexistent"}, {"user": "nosuchuser"}]
)
def test_a_command_that_cannot_be_started_is_an_error(
    systemd: Driven, change: dict[str, object]
) -> None:
    refused = fails(lambda: systemd.run(replace(job(""), **change)))  # type: ignore[arg-type]
    assert refused.args[0] == "ServiceError"
    assert "could not be started" in refused.args[1]


def test_a_command_whose_caller_was_killed_can_be_found_and_ended(
    host: Host, systemd: Driven
) -> None:
    endless = job("import time; time.sleep(1000)")
    argv = host.command(transient.command(endless, "system", 1000))
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as caller:
        wait_for(lambda: systemd.status(endless.name).state == "running", "running")
        caller.kill()
    assert systemd.call("installed", "shop") == (endless.name,)
    systemd.call("remove", [endless.name])
    assert systemd.status(endless.name).state == "absent"


def test_logs_tell_apart_who_said_what(systemd: Driven) -> None:
    first, second = (job(f"print('I am {n}')", name=f"worker-{n}") for n in (1, 2))
    systemd.up(first, second)
    wait_for(lambda: "I am 2" in str(systemd.logs(second.name)), "said")
    logs = systemd.logs(first.name, second.name)
    assert (first.name, "I am 1") in logs
    assert (second.name, "I am 2") in logs
    assert {name for name, _ in systemd.logs(first.name)} == {first.name}
    assert len(systemd.logs(first.name, second.name, lines=3)) == 3


def test_a_dash_in_its_name_does_not_put_an_app_below_another(host: Host, systemd: Driven) -> None:
    inner = replace(web(8003), app="shop-eu", name="hop3-shop-eu-r1-web-1")
    inner = replace(inner, state=Path("/var/lib/hop3/state/shop-eu"))
    systemd.up(inner)
    group = host.run(["systemctl", "show", "-P", "ControlGroup", inner.name]).stdout
    assert group == "/hop3.slice/hop3-shop\\x2deu.slice/hop3-shop-eu-r1-web-1.service\n"
    assert systemd.call("installed", "shop") == ()
    systemd.call("remove", [inner.name])


def test_systemd_finds_the_running_unit_well_confined(host: Host, systemd: Driven) -> None:
    systemd.up(web())
    secure = host.run(["systemd-analyze", "security", "--no-pager", "--threshold=20", web().name])
    assert " OK " in secure.stdout.strip().splitlines()[-1]
    host.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", f"{web().name}.service"]
    )


def test_a_user_without_root_deploys_to_a_manager_of_their_own(host: Host) -> None:
    host.add_user("ann")
    ann = Driven(host, "ann")
    state = ann.state_directory("shop")
    assert state == Path("/home/ann/.local/state/hop3/apps/shop/state")
    service = replace(web(8004), state=state)
    ann.up(service)
    ann.call("enable", "shop", [service.name])
    assert host.wait_for("/", 8004)[0] == 200
    owner = (host.files / f"proc/{ann.status(service.name).pid}").stat().st_uid
    assert owner == int(host.run(["id", "-u", "ann"]).stdout)
    host.reboot()
    assert host.wait_for("/", 8004)[0] == 200
    assert any("Started" in line for _, line in ann.logs(service.name))
    sudo = "import os; print(open('/proc/self/status').read().count('NoNewPrivs:\\t1'))"
    assert ann.run(replace(job(sudo), state=state)) == (0, ["1"])
    ann.call("remove", ann.call("installed", "shop"))


def test_a_timer_fires(host: Host) -> None:
    driven, name = Driven(host), due().name
    driven.up(due())
    assert driven.status(name).state == "running"
    argv = ["systemctl", "show", "--value", "-p", "NextElapseUSecRealtime", f"{name}.timer"]
    assert host.run(argv).stdout.split()[2].endswith(":00")
    # It would do so at the full minute, which is a long time to wait.
    soon = host.files / f"etc/systemd/system/{name}.timer.d/soon.conf"
    soon.parent.mkdir()
    soon.write_text("[Timer]\nOnCalendar=*:*:*\n")
    host.run(["systemctl", "daemon-reload"])
    host.run(["systemctl", "restart", f"{name}.timer"])
    wait_for(lambda: (name, "due") in driven.logs(name), "due")
    driven.call("stop", [name])
    assert driven.status(name).state == "stopped"


def test_a_host_ends_with_whoever_booted_it(tmp_path: Path) -> None:
    boot = "import sys, time; from pathlib import Path; from host import Host\n"
    boot += "host = Host.boot(Path(sys.argv[1])); print(host.address, flush=True); time.sleep(999)"
    tests = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", boot, tmp_path / "host"],
        cwd=tests,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        number = address.split(".")[2]
        assert Path(f"/sys/class/net/h3-{number}").exists()
        process.kill()
    wait_for(lambda: not Path(f"/sys/class/net/h3-{number}").exists(), "gone")
    mounts = Path("/proc/mounts").read_text()
    assert str(tmp_path) not in mounts
