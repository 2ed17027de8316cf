"""The units of the NixOS module, started by systemd: health, crash, secrets, times, confinement."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from conftest import ROOT
from deploying import wait_for
from host import Host, why_not
from nixos import Evaluated, module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Cli, Nix

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")

UNITS: Final = Path("etc/systemd/system")
STATE: Final = Path("var/lib/private/hop3/state/shop")
PORT: Final = 8000

APP: Final = """\
import os
import pathlib
import flask

app = flask.Flask(__name__)
state = pathlib.Path(os.environ["HOP3_STATE_DIR"])


@app.get("/")
def index():
    found = {name: os.environ.get(name, "") for name in ("GREETING", "LETTER", "HOME", "PORT")}
    count = pathlib.Path("data/count")
    count.write_text(str(int(count.read_text()) + 1))
    found["count"] = count.read_text()
    found["before"] = (state / "before").read_text()
    return found


@app.get("/health")
def health():
    return "", 500 if os.environ.get("GREETING") == "ill" else 204
"""

PROCFILE: Final = """\
web: gunicorn app:app --bind 0.0.0.0:$PORT
release: test ! -e "$HOP3_STATE_DIR/refuse" && date >>"$HOP3_STATE_DIR/before"
cron-note: 0 4 * * 1 echo noted >"$HOP3_STATE_DIR/note"
"""


class Machine:
    """A host whose systemd has the units of a configuration of the app."""

    def __init__(self, host: Host, application: Path) -> None:
        self.host = host
        self.start_status = 0
        self._expression = f"(import {application}/hop3.nix {{ }}).package"
        self._pkgs = f"(import {application}/hop3-nix/debian {{ }})"

    def evaluate(self, options: str) -> Evaluated:
        """Return what the module makes of the app with ``options``."""
        app = f"{{ package = {self._expression}; port = {PORT}; {options} }}"
        bash, coreutils = (f"{self._pkgs}.{name}" for name in ("bash", "coreutils"))
        return module(f"{{ shop = {app}; }}", bash=bash, coreutils=coreutils)

    def switch(self, options: str = "") -> Evaluated:
        """Make the host have these units and no others, started as NixOS starts them."""
        found = self.evaluate(options)
        assert found.problems == ()
        self.host.run(["systemctl", "stop", "hop3-shop*"])
        scripts = {
            path
            for text in found.files().values()
            for path in re.findall(r"/nix/store/[\w.+-]+\.sh\b", text)
        }
        self.host.copy_closure(*scripts)
        for old in (self.host.files / UNITS).glob("hop3-shop*"):
            old.unlink()
        for name, text in found.files().items():
            (self.host.files / UNITS / name).write_text(text)
        self.host.run(["systemctl", "daemon-reload"])
        self.host.run(["systemctl", "reset-failed"])
        wanted = [f"{name}.service" for name, unit in found.services.items() if "wantedBy" in unit]
        self.start_status = self.host.run(
            ["systemctl", "start", *wanted, *(f"{name}.timer" for name in found.timers)],
            status=None,
        ).returncode
        return found

    def says(self, port: int = PORT) -> dict[str, str]:
        """Return what the app answers."""
        status, body = self.host.get("/", port)
        assert status == 200, body
        answer: dict[str, str] = json.loads(body)
        return answer

    def show(self, unit: str, name: str) -> str:
        shown = self.host.run(["systemctl", "show", "--value", f"--property={name}", unit])
        return shown.stdout.strip()


@pytest.fixture(scope="module")
def application(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the app with its expression rendered."""
    tree = tmp_path_factory.mktemp("nixos") / "shop"
    shutil.copytree(ROOT / "examples/python-flask", tree)
    (tree / "app.py").write_text(APP)
    (tree / "Procfile").write_text(PROCFILE)
    (tree / "data").mkdir()
    (tree / "data/count").write_text("0")
    with (tree / "hop3.toml").open("a") as file:
        file.write('\n[run]\nwritable = ["data"]\n')
    cli("render", tree, "--pkgs", "debian", "-o", tree / "hop3.nix")
    return tree


@pytest.fixture(scope="module")
def package(nix: Nix, application: Path) -> Path:
    built = nix("nix-build", application / "hop3.nix", "-A", "package", "--no-out-link")
    return Path(built.stdout.strip())


@pytest.fixture(scope="module")
def machine(
    application: Path, package: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    with Host.boot(tmp_path_factory.mktemp("nixos-host") / "host") as host:
        host.copy_closure(package)
        yield Machine(host, application)


def test_the_units_are_as_systemd_wants_them(machine: Machine) -> None:
    found = machine.switch("workers.web.instances = 2;")
    files = [f"/{UNITS}/{name}" for name in found.files()]
    assert len(files) == 6
    verify = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes"]
    done = machine.host.run([*verify, *files])
    assert "hop3-shop" not in done.stdout + done.stderr


def test_every_instance_answers_as_soon_as_it_is_started(machine: Machine, package: Path) -> None:
    machine.switch("workers.web.instances = 2;")
    assert machine.start_status == 0
    for number in (0, 1):
        assert machine.says(PORT + number)["PORT"] == str(PORT + number)
    pid = machine.show("hop3-shop-web-1", "MainPID")
    command = (machine.host.files / f"proc/{pid}/cmdline").read_bytes()
    # The launcher is no more: it has become the program.
    assert b"gunicorn" in command
    assert str(package).encode() not in command


def test_what_comes_before_the_workers_has_run_once(machine: Machine) -> None:
    machine.switch("workers.web.instances = 2;")
    before = machine.says()["before"]
    machine.host.run(["systemctl", "restart", "hop3-shop-web-1"])
    assert machine.says()["before"] == before
    assert machine.show("hop3-shop-before-run", "ActiveState") == "active"


def test_what_it_writes_beside_its_code_is_kept(machine: Machine) -> None:
    machine.switch()
    before = int(machine.says()["count"])
    machine.host.run(["systemctl", "restart", "hop3-shop-web-1"])
    assert machine.says()["count"] == str(before + 1)
    kept = machine.host.files / STATE / "writable/data/count"
    assert kept.read_text() == str(before + 1)


def test_variables_and_secrets_arrive_as_they_are(machine: Machine) -> None:
    secrets = machine.host.files / "etc/shop.env"
    secrets.write_text('LETTER="to nobody"\n')
    secrets.chmod(0o600)
    # As Nix writes '100% $HOME \ "quoted" é'.
    greeting = r'"100% $HOME \\ \"quoted\" é"'
    files = 'environmentFiles = [ "/etc/shop.env" ];'
    machine.switch(f"environment.GREETING = {greeting}; {files}")
    said = machine.says()
    assert said["GREETING"] == '100% $HOME \\ "quoted" é'
    assert said["LETTER"] == "to nobody"
    assert said["HOME"] == "/var/lib/hop3/state/shop"


def test_what_is_not_healthy_has_not_started(machine: Machine) -> None:
    machine.switch('environment.GREETING = "ill"; healthCheck.timeout = 2;')
    assert machine.start_status != 0
    journal = machine.host.run(["journalctl", "--unit=hop3-shop-web-1", "--output=cat"]).stdout
    assert "not healthy within 2 s: port 8000 answered /health with HTTP/1.1 500" in journal


def test_what_fails_before_the_workers_keeps_them_from_starting(machine: Machine) -> None:
    machine.switch()
    refuse = machine.host.files / STATE / "refuse"
    refuse.touch()
    machine.switch()
    refuse.unlink()
    assert machine.start_status != 0
    assert machine.show("hop3-shop-web-1", "ActiveState") == "inactive"


def test_a_crash_is_followed_by_a_restart(machine: Machine) -> None:
    machine.switch()
    pid = machine.show("hop3-shop-web-1", "MainPID")
    machine.host.run(["kill", "-9", pid])
    wait_for(lambda: machine.show("hop3-shop-web-1", "NRestarts") == "1", "started again")
    machine.host.wait_for("/", PORT)


def test_a_schedule_has_a_next_time_and_runs(machine: Machine) -> None:
    machine.switch()
    assert machine.show("hop3-shop-cron-note-1.timer", "NextElapseUSecRealtime").startswith("Mon")
    machine.host.run(["systemctl", "start", "hop3-shop-cron-note-1.service"])
    note = machine.host.files / STATE / "note"
    wait_for(lambda: note.exists() and note.read_text() == "noted\n", "noting")


def test_a_low_port_is_listened_on_without_being_root(machine: Machine) -> None:
    machine.switch("workers.web.port = 80;")
    assert machine.says(80)["PORT"] == "80"
    pid = machine.show("hop3-shop-web-1", "MainPID")
    assert (machine.host.files / f"proc/{pid}").stat().st_uid != 0


SAID_OTHERWISE: Final = {
    *("Environment", "EnvironmentFile", "ExecStart", "SyslogIdentifier", "WorkingDirectory"),
}
"""Settings that deploy writes otherwise: it starts a worker's line, and the module its launcher."""
ONLY_OF_THE_MODULE: Final = {"ExecStartPost", "TimeoutStartSec"}
"""deploy asks for the page itself."""
OF_THE_PORTS: Final = " landlock_create_ruleset landlock_add_rule landlock_restrict_self"
ONLY_OF_DEPLOY: Final = {"InaccessiblePaths"}
"""It hides its own proxy and locks, and the module has neither."""


def test_a_unit_confines_as_that_of_deploy_does(machine: Machine, package: Path) -> None:
    found = machine.switch()
    kept = machine.says()["before"]
    machine.host.run(["systemctl", "stop", "hop3-shop*"])
    deploy = [
        "hop3-nix",
        "deploy",
        str(package),
        "--name",
        "shop",
        "--stays-up",
        "0.5",
        "--warm",
        "0",
    ]
    machine.host.run([*deploy, "--listen", "80"])
    (deployed,) = (machine.host.files / UNITS).glob("hop3-shop-r*-web-1.service")
    theirs = service_settings(deployed.read_text())
    ours = service_settings(found.files()["hop3-shop-web-1.service"])
    assert machine.says(80)["before"].startswith(kept), "deploy has another state directory"
    machine.host.run(["hop3-nix", "destroy", "shop", "--yes"])
    # By these, deploy keeps a worker to its ports.
    theirs["SystemCallFilter"] = theirs["SystemCallFilter"].removesuffix(OF_THE_PORTS)
    assert set(ours) - set(theirs) == ONLY_OF_THE_MODULE
    assert ONLY_OF_DEPLOY <= set(theirs) - set(ours) <= SAID_OTHERWISE | ONLY_OF_DEPLOY
    assert {key: theirs[key] for key in set(theirs) - SAID_OTHERWISE - ONLY_OF_DEPLOY} == {
        key: ours[key] for key in set(ours) - SAID_OTHERWISE - ONLY_OF_THE_MODULE
    }


def service_settings(text: str) -> dict[str, str]:
    """Return the settings of [Service], the last of each."""
    section = text.partition("[Service]\n")[2].partition("\n[")[0]
    return dict(line.partition("=")[::2] for line in section.splitlines() if line)
