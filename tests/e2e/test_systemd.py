"""An app deployed to a systemd host by the installed command: crash, reboot, rollback, journal."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from deploying import wait_for
from hop3_nix.deploy import portlock
from host import Host, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Cli

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")

EXAMPLE = ROOT / "examples/python-flask"
SAYS = "Hello from"


@pytest.fixture(scope="module")
def artifacts(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return three versions of an app: two that say so, and one that is never healthy."""
    built = {}
    for version in ("one", "two", "ill"):
        tree = tmp_path_factory.mktemp(version) / "app"
        shutil.copytree(EXAMPLE, tree)
        code = (tree / "app.py").read_text().replace(SAYS, f"{SAYS} {version},")
        if version == "ill":
            code = code.replace('return {"status": "ok"}', 'raise RuntimeError("I am ill")')
        (tree / "app.py").write_text(code)
        done = cli("build", tree, "--builder", "nix", "--pkgs", "debian")
        built[version] = Path(done.stdout.strip())
    return built


@pytest.fixture(scope="module")
def host(artifacts: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host.boot(tmp_path_factory.mktemp("deployed") / "host") as host:
        host.copy_closure(*artifacts.values())
        yield host


@pytest.fixture
def shop(host: Host, artifacts: Mapping[str, Path]) -> str:
    """Return the name of the app, whose version one serves."""
    if says(host) != "one":
        deploy(host, artifacts["one"], "--listen", "80")
    return "shop"


def deploy(host: Host, artifact: Path, *options: str, status: int = 0) -> str:
    argv = [
        "hop3-nix",
        "deploy",
        str(artifact),
        "--name",
        "shop",
        "--stays-up",
        "0.5",
        "--warm",
        "0",
    ]
    done = host.run([*argv, *options], status=status)
    return done.stdout + done.stderr


def says(host: Host, port: int = 80) -> str:
    """Return the version that answers, empty if none does."""
    try:
        status, body = host.get("/", port)
    except OSError:
        return ""
    if status == 502:  # the proxy's, while nothing behind it runs
        return ""
    assert status == 200, body
    return body.removeprefix(SAYS).split(",")[0].strip()


def status_of(host: Host) -> dict[str, Any]:
    shown = json.loads(host.run(["hop3-nix", "status", "shop", "--json"]).stdout)
    found: dict[str, Any] = shown[0] if isinstance(shown, list) else shown
    return found


def workers_of(host: Host) -> dict[str, dict[str, Any]]:
    return {worker["worker"]: worker for worker in status_of(host)["workers"]}


def show(host: Host, unit: str, name: str) -> str:
    return host.run(["systemctl", "show", "--value", f"--property={name}", unit]).stdout.strip()


@pytest.mark.usefixtures("shop")
def test_every_worker_is_a_unit_of_its_own(host: Host) -> None:
    status = status_of(host)
    assert (status["state"], status["manager"]) == ("running", "systemd")
    workers = workers_of(host)
    assert sorted(workers) == ["cron", "shout", "ticker", "web"]
    assert {worker["state"] for worker in workers.values()} == {"running"}
    for name, worker in workers.items():
        suffix = "timer" if name == "cron" else "service"
        assert show(host, f"{worker['service']}.{suffix}", "ActiveState") == "active"
    assert show(host, f"{workers['cron']['service']}.timer", "NextElapseUSecRealtime")


@pytest.mark.usefixtures("shop")
def test_nothing_stays_between_systemd_and_the_program(
    host: Host, artifacts: Mapping[str, Path]
) -> None:
    web = workers_of(host)["web"]
    runtime = json.loads((artifacts["one"] / "hop3/runtime.json").read_text())
    program, *arguments = runtime["workers"]["web"].replace("$PORT", str(web["port"])).split()
    unit = host.run(["systemctl", "cat", f"{web['service']}.service"]).stdout
    # The unit starts what keeps it to its port, which becomes the launcher, and that the program.
    (started,) = re.findall(r"^ExecStart=:?(.*)$", unit, re.MULTILINE)
    locked = f"-I -S /var/lib/hop3/programs/portlock.py {web['port']} "
    before = locked if portlock.is_possible() else ""
    assert started.endswith(f"{before}{artifacts['one']}/bin/web")
    assert show(host, web["service"], "MainPID") == str(web["pid"])
    # What the kernel made of it is the script's own interpreter, and it is PID 1's child.
    interpreter = Path(program).read_bytes().splitlines()[0].decode().removeprefix("#!").split()
    command = (host.files / f"proc/{web['pid']}/cmdline").read_text().split("\0")[:-1]
    assert command == [*interpreter, program, *arguments]
    assert "\nPPid:\t1\n" in (host.files / f"proc/{web['pid']}/status").read_text()


@pytest.mark.usefixtures("shop")
def test_the_units_are_valid_and_well_confined(host: Host) -> None:
    units = [f"{worker['service']}.service" for worker in workers_of(host).values()]
    host.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", *units])
    host.run(["systemd-analyze", "security", "--threshold=20", *units])
    owner = (host.files / f"proc/{workers_of(host)['web']['pid']}").stat().st_uid
    assert 61184 <= owner <= 65519  # systemd's range for dynamic users


@pytest.mark.usefixtures("shop")
def test_a_crash_is_followed_by_a_restart(host: Host) -> None:
    web = workers_of(host)["web"]
    assert web["pid"]
    host.run(["kill", "-9", str(web["pid"])])
    restarted = web["restarts"] + 1
    wait_for(lambda: workers_of(host)["web"]["restarts"] == restarted, "restarted")
    wait_for(lambda: says(host) == "one", "serving again")
    assert workers_of(host)["web"]["pid"] != web["pid"]


@pytest.mark.parametrize("how", ["reboot", "power_cut"])
@pytest.mark.usefixtures("shop")
def test_a_boot_starts_the_release_that_served(
    host: Host, artifacts: Mapping[str, Path], how: str
) -> None:
    deploy(host, artifacts["two"])
    assert says(host) == "two"
    getattr(host, how)()
    wait_for(lambda: says(host) == "two", "serving after the boot")
    wait_for(lambda: status_of(host)["state"] == "running", "all of it running")
    units = host.run(["systemctl", "list-units", "--plain", "--no-legend", "hop3-shop-r*"]).stdout
    services = {worker["service"] for worker in workers_of(host).values()}
    assert {line.split()[0].rsplit(".", 1)[0] for line in units.splitlines()} == services


def test_a_rollback_serves_what_served_before(
    host: Host, shop: str, artifacts: Mapping[str, Path]
) -> None:
    deploy(host, artifacts["two"])
    assert says(host) == "two"
    former = {worker["service"] for worker in workers_of(host).values()}
    host.run(["hop3-nix", "rollback", "--name", shop])
    assert says(host) == "one"
    left = {path.stem for path in (host.files / "etc/systemd/system").glob("hop3-shop-r*")}
    assert left == {worker["service"] for worker in workers_of(host).values()}
    assert not left & former


@pytest.mark.usefixtures("shop")
def test_a_release_that_is_ill_changes_nothing(host: Host, artifacts: Mapping[str, Path]) -> None:
    before = workers_of(host)["web"]
    said = deploy(host, artifacts["ill"], "--health-timeout", "3", status=101)
    assert "I am ill" in said
    assert says(host) == "one"
    assert workers_of(host)["web"]["pid"] == before["pid"]
    deploy(host, artifacts["one"], "--health-timeout", "20")


def test_the_journal_has_what_the_workers_print(host: Host, shop: str) -> None:
    def logs() -> str:
        return host.run(["hop3-nix", "logs", shop, "--worker", "ticker"]).stdout

    wait_for(lambda: "tick" in logs(), "ticking")
    assert 'it says "hi"' not in logs()
    assert 'it says "hi"' in host.run(["hop3-nix", "logs", shop]).stdout
    unit = workers_of(host)["ticker"]["service"]
    journal = host.run(["journalctl", "--output=json", "--unit", unit]).stdout
    entries = [json.loads(line) for line in journal.splitlines()]
    assert any(
        entry["MESSAGE"] == "tick" and entry["SYSLOG_IDENTIFIER"] == unit for entry in entries
    )


def test_what_was_stopped_stays_so_over_a_boot(host: Host, shop: str) -> None:
    host.run(["hop3-nix", "stop", shop])
    assert says(host) == ""
    host.reboot()
    assert status_of(host)["state"] == "stopped"
    assert says(host) == ""
    host.run(["hop3-nix", "start", shop])
    wait_for(lambda: says(host) == "one", "serving again")


def test_secrets_reach_the_app_and_no_unit(host: Host, shop: str) -> None:
    greeting = "100% $HOME \\ \"quoted\" 'too'"
    host.run(["hop3-nix", "config", "set", "--name", shop, f"GREETING={greeting}"])
    wait_for(lambda: greeting in host.get("/")[1], "greeting so")
    for file in (host.files / "etc/systemd/system").glob("hop3-shop*"):
        assert "quoted" not in file.read_text()
    host.run(["hop3-nix", "config", "unset", "--name", shop, "GREETING"])


def test_a_limit_reaches_the_unit(host: Host, shop: str, artifacts: Mapping[str, Path]) -> None:
    assert shop
    deploy(host, artifacts["one"], "--limit", "LimitNOFILE=1234")
    limits = (host.files / f"proc/{workers_of(host)['web']['pid']}/limits").read_text()
    assert "1234" in next(line for line in limits.splitlines() if "open files" in line)
    refused = deploy(host, artifacts["one"], "--limit", "LimitNOFILES=1", status=65)
    assert "LimitNOFILES=1 is no limit that systemd knows" in refused
    assert says(host) == "one"


def test_nothing_is_left_of_what_was_destroyed(host: Host, shop: str) -> None:
    host.run(["hop3-nix", "destroy", shop, "--yes"])
    assert says(host) == ""
    units = host.files / "etc/systemd/system"
    assert [path.name for path in units.rglob("hop3*")] == ["hop3.slice"]
    assert host.run(["systemctl", "list-units", "--no-legend", "hop3-shop-r*"]).stdout == ""


def test_a_user_deploys_without_root(host: Host, artifacts: Mapping[str, Path]) -> None:
    host.add_user("ann")
    options = ["--name", "hers", "--listen", "8080"]
    host.run(["hop3-nix", "deploy", artifacts["one"], *options], user="ann")
    assert says(host, 8080) == "one"
    host.reboot()
    wait_for(lambda: says(host, 8080) == "one", "serving after the boot")
    pid = host.run(
        ["systemctl", "--user", "show", "--value", "-p", "MainPID", "hop3-hers-r1-web-1"],
        user="ann",
    ).stdout.strip()
    uid = host.run(["id", "-u", "ann"]).stdout.strip()
    assert str((host.files / f"proc/{pid}").stat().st_uid) == uid
