"""Apps on a systemd host in each other's way, and what is left of those that are gone."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from deploying import wait_for
from faulty import IMPOSTOR, JOB, by_python
from hop3_nix.deploy import portlock
from host import Host, why_not
from released import artifact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")

QUICK = ("--stays-up", "0.1", "--warm", "0")
NOTES = "/var/lib/hop3/state/jobs/jobs"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host.boot(tmp_path_factory.mktemp("faults") / "host") as host:
        yield host


def deploy(host: Host, built: Path, name: str, *options: str, status: int = 0) -> str:
    host.copy_closure(built)
    argv = ["hop3-nix", "deploy", "--trust-artifact", str(built), "--name", name]
    return host.run([*argv, *QUICK, *options], status=status).stderr


def status(host: Host, name: str) -> Any:
    return json.loads(host.run(["hop3-nix", "status", name, "--json"]).stdout)


def web(host: Host, name: str) -> Any:
    (found,) = (one for one in status(host, name)["workers"] if one["worker"] == "web")
    return found


def answers(host: Host, port: int, seconds: float) -> set[str]:
    said = set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            said.add(host.get("/", port)[1])
        except OSError as error:
            said.add(type(error).__name__)
    return said


@pytest.mark.skipif(not portlock.is_possible(), reason="a kernel with Landlock for ports")
def test_no_request_reaches_who_waits_for_the_port_of_a_worker_or_of_the_proxy(
    host: Host, tmp_path: Path
) -> None:
    deploy(host, artifact(tmp_path, "good"), "shop", "--listen", "8300")
    behind = web(host, "shop")["port"]
    thief = artifact(tmp_path, "thief", workers={"thief": by_python(IMPOSTOR)}, healthcheck_path="")
    deploy(host, thief, "thief", "--env", f"WANTED={behind},8300")
    assert web(host, "shop")["pid"]
    host.run(["systemctl", "kill", "--signal=KILL", web(host, "shop")["service"]])
    assert "stolen" not in answers(host, 8300, 3)
    wait_for(lambda: "good" in answers(host, 8300, 0.1), "back")
    for verb in (["restart"], ["kill", "--signal=KILL"], ["kill", "--signal=TERM"]):
        host.run(["systemctl", *verb, "hop3-proxy"])
        assert "stolen" not in answers(host, 8300, 2)
        wait_for(lambda: "good" in answers(host, 8300, 0.1), "back")
    assert "TAKEN" not in host.run(["hop3-nix", "logs", "thief"]).stdout


def test_a_release_lets_a_running_job_end(host: Host, tmp_path: Path) -> None:
    def job(word: str) -> Path:
        workers = {"cron-tidy": f"* * * * * {by_python(JOB)}", "mailer": "/bin/sleep 1000000"}
        return artifact(tmp_path, word, workers=workers, healthcheck_path="")

    def said() -> list[str]:
        return host.run(["cat", NOTES], status=None).stdout.splitlines()

    deploy(host, job("one"), "jobs", "--env", "SECONDS=8")
    host.run(["systemctl", "start", "--no-block", "hop3-jobs-r1-cron-tidy-1.service"])
    wait_for(lambda: said() == ["began one"], "began")
    said_of = deploy(host, job("two"), "jobs", "--env", "SECONDS=1000")
    assert "cron-tidy.1 of release 1 still runs" in said_of
    assert said() == ["began one", "ended one"]
    timers = host.run(["systemctl", "list-timers", "--no-legend", "hop3-jobs-*"]).stdout
    assert "hop3-jobs-r2-cron-tidy-1.timer" in timers
    assert "hop3-jobs-r1" not in timers
    host.run(["systemctl", "start", "--no-block", "hop3-jobs-r2-cron-tidy-1.service"])
    wait_for(lambda: said()[2:] == ["began two"], "began")
    said_of = deploy(host, job("three"), "jobs", "--job-timeout", "1")
    assert "cron-tidy.1 of release 2 did not end within 1 s" in said_of
    assert said()[2:] == ["began two", "stopped"]


@pytest.mark.parametrize("running", [True, False])
def test_an_app_whose_units_systemd_does_not_load_is_removed_with_all_it_had(
    host: Host, tmp_path: Path, *, running: bool
) -> None:
    name = f"odd-{running}".lower()
    deploy(host, artifact(tmp_path, name), name, "--listen", "8400")
    (unit,) = (one["service"] for one in status(host, name)["workers"] if one["worker"] == "web")
    if not running:
        host.run(["hop3-nix", "stop", name])
    file = host.files / f"etc/systemd/system/{unit}.service"
    file.write_text(file.read_text().replace("Type=exec", "Type=exec\nExecStart="))
    file.write_text(file.read_text() + "\n[Service]\nExecStart=\nExecStart=relative\n")
    host.run(["systemctl", "daemon-reload"])
    host.run(["hop3-nix", "destroy", name, "--yes", "--data"])
    assert left_of(host, name) == ""


def test_nothing_is_left_of_what_is_destroyed(host: Host, tmp_path: Path) -> None:
    for word in ("gone-one", "gone-two"):
        deploy(host, artifact(tmp_path, word), "gone", "--listen", "8500")
    host.reboot()
    wait_for(lambda: "gone-two" in answers(host, 8500, 0.1), "back")
    host.run(["hop3-nix", "destroy", "gone", "--yes", "--data"])
    assert left_of(host, "gone") == ""


def left_of(host: Host, name: str) -> str:
    """Return what there is of an app: units, processes, files."""
    units = ["systemctl", "list-units", "--all", "--no-legend", "--plain"]
    escaped = name.replace("-", r"\\x2d")
    listed = host.run([*units, f"hop3-{name}*", f"hop3-{escaped}*"]).stdout
    ran = host.run(["pgrep", "-af", f"hop3.{name}"], status=None).stdout
    roots = ("/var/lib/hop3", "/var/lib/private/hop3", "/etc/systemd/system")
    found = host.run(["find", *roots, "-name", f"*{name}*", "-not", "-path", "*/locks/*"]).stdout
    ports = host.run(["ls", "/var/lib/hop3/proxy/ports"], status=None).stdout.split()
    wanted = {str(one["port"]) for app in apps(host) for one in app["workers"]}
    return listed + ran + found + " ".join(port for port in ports if port not in wanted)


def apps(host: Host) -> list[Any]:
    said = json.loads(host.run(["hop3-nix", "status", "--json"]).stdout)
    return said if isinstance(said, list) else [said]
