"""Deployments to other hosts by ssh: hosts with systemd, sshd and a Nix store of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from conftest import COMMAND
from hop3_nix.deploy.remote import copying
from hop3_nix.deploy.remote.address import read_address
from hop3_nix.deploy.remote.connection import Connection
from hop3_nix.errors import TemporaryError
from hop3_nix.nix import commands as nixcli
from host import Host, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Cli

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

WITHIN = 60.0
"""Seconds; the machines that run this are slow and busy."""

QUICK = ("--stays-up", "0.1", "--drain", "0.1", "--warm", "0")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Host]]:
    directory = tmp_path_factory.mktemp("hosts")
    with Host.boot(directory / "one") as one, Host.boot(directory / "two") as two:
        config = directory / "ssh_config"
        config.write_text(one.ssh_config.read_text() + two.ssh_config.read_text())
        for host in (one, two):
            with (host.files / "etc/nix/nix.conf").open("a") as configuration:
                configuration.write("substituters =\n")  # they reach none
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NIX_SSHOPTS", f"-F {config}")
            yield one, two


@pytest.fixture(scope="module")
def site(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what builds a site whose page is a word, and returns the store path."""
    app = tmp_path_factory.mktemp("app") / "reading-room"
    (app / "public").mkdir(parents=True)
    (app / "Procfile").write_text("static: public\n")

    def build(word: str) -> Path:
        (app / "public/index.html").write_text(f"<!doctype html><title>{word}</title>{app}\n")
        return Path(cli("build", app).stdout.strip())

    return build


@pytest.fixture(scope="module")
def room(hosts: tuple[Host, Host], cli: Cli, site: Callable[[str], Path]) -> Path:
    """Return the first artifact of the app `room`, which has port 81 of the first host."""
    artifact = site("first")
    closure = nixcli.closure(artifact)
    done = cli("deploy", artifact, "--name", "room", "--listen", "81", *QUICK, *to(hosts[0]))
    assert f"copying {len(closure)} of {len(closure)} store paths" in done.stderr
    assert all(line.startswith(f"{hosts[0].name} | ") for line in done.stderr.splitlines())
    assert "release 1 of room serves" in done.stdout
    return artifact


@pytest.fixture
def trusting(hosts: tuple[Host, Host], cli: Cli, tmp_path: Path) -> Iterator[Trusting]:
    """Return the second host, which requires signatures for the time of a test."""
    _, host = hosts
    secret = tmp_path / "secret"
    key = cli("keys", "generate", "test.example-1", "-o", secret).stdout.strip()
    cli("keys", "trust", key, *to(host))
    yield Trusting(host, secret, key)
    (host.files / "var/lib/hop3/trusted-keys").unlink()


class Trusting(NamedTuple):
    """A host that requires signatures, and whose."""

    host: Host
    secret: Path
    key: str


def test_a_change_of_one_line_sends_what_changed_alone(
    hosts: tuple[Host, Host], cli: Cli, site: Callable[[str], Path], room: Path
) -> None:
    host, _ = hosts
    before, closure = store_of(host), nixcli.closure(room)
    second = site("second")
    done = cli("deploy", second, "--name", "room", *QUICK, *to(host))
    assert f"copying 2 of {len(closure)} store paths" in done.stderr
    changed = set(nixcli.closure(second)) - set(closure)
    assert len(changed) == 2
    assert store_of(host) - before == changed
    assert "<title>second" in host.get("/", 81)[1]
    again = cli("deploy", second, "--name", "room", *QUICK, *to(host))
    assert f"all {len(closure)} store paths are there" in again.stderr
    back = cli("rollback", "1", "--name", "room", *to(host))
    assert "serves on 81, in place of release 3" in back.stdout
    assert "<title>first" in host.get("/", 81)[1]


def test_other_commands_run_there_with_their_output_and_status(
    hosts: tuple[Host, Host], cli: Cli, room: Path, tmp_path: Path
) -> None:
    host, other = hosts
    assert room.exists()
    secrets = tmp_path / "secrets.env"
    secrets.write_text('TOKEN=it\'s a "quoted" $word\n')
    secrets.chmod(0o600)
    # For an app that is not there yet.
    later = ("--name", "later", *to(host))
    cli("config", "set", "LEVEL=3", "--env-file", secrets, "--no-restart", *later)
    listed = cli("config", "list", "--show", *later).stdout
    assert listed == 'LEVEL=3\nTOKEN=it\'s a "quoted" $word\n'
    assert json.loads(cli("status", "room", "--json", *to(host)).stdout)["state"] == "running"
    both = cli("status", "room", *to(host, other), status=65)
    assert re.search(rf"^{host.name} +\| room: running", both.stdout, re.MULTILINE)
    assert re.search(rf"^{other.name} +\| error: .*no app", both.stderr, re.MULTILINE)


def test_a_host_that_requires_signatures(
    trusting: Trusting, cli: Cli, site: Callable[[str], Path], tmp_path: Path
) -> None:
    host, secret, key = trusting
    theirs = tmp_path / "theirs"
    cli("keys", "generate", "test.example-1", "-o", theirs)
    artifact = site("signed or not")
    deploy = ("deploy", str(artifact), "--name", "signed", "--listen", "83", *QUICK, *to(host))
    # Root brings the paths, whatever Nix is configured to require; they are refused all the same.
    for signed in ((), ("--sign", str(theirs))):
        refused = cli(*deploy, *signed, status=77).stderr
        assert str(artifact) in refused
        assert f"not signed by a key that this machine trusts ({key})" in refused
        assert "--sign FILE, the secret key of test.example-1" in refused
        assert cli("status", "--json", *to(host)).stdout.strip() == "[]"
    paths = len(nixcli.closure(artifact))
    accepted = cli(*deploy, "--sign", secret)
    assert f"all {paths} store paths are there" in accepted.stderr
    assert f"verified {paths} store paths, {paths} signed" in accepted.stderr
    assert "signed or not" in host.get("/", 83)[1]
    cli("destroy", "signed", "--yes", *to(host))


def test_a_user_whom_the_daemon_does_not_trust(
    hosts: tuple[Host, Host], cli: Cli, site: Callable[[str], Path], tmp_path: Path
) -> None:
    _, host = hosts
    host.add_user("ann")
    host.run(["usermod", "--append", "--groups", "nix-users", "ann"])
    key = cli("keys", "generate", "ann.example-1", "-o", tmp_path / "key").stdout.strip()
    with (host.files / "etc/nix/nix.conf").open("a") as configuration:
        configuration.write(f"extra-trusted-public-keys = {key}\n")
    host.run(["systemctl", "restart", "nix-daemon"])
    artifact = site(f"for ann {tmp_path.name}")
    to_ann = ("--host", f"ssh-ng://ann@{host.name}", "--name", "hers", *QUICK)
    refused = cli("deploy", artifact, *to_ann, status=77).stderr
    assert "is not signed by a key that is trusted" in refused
    assert f"{key}\n" in refused
    assert not (host.files / str(artifact)[1:]).exists()
    signed = ("--sign", str(tmp_path / "key"))
    cli("deploy", artifact, *to_ann, *signed, "--listen", "8083")
    assert "for ann" in host.get("/", 8083)[1]
    # What root brings unsigned is there, and does not become signed by her.
    artifact = site(f"for root {tmp_path.name}")
    pushed = cli("push", artifact, "--to", f"ssh://root@{host.name}")
    assert f"2 of {len(nixcli.closure(artifact))} store paths were not there" in pushed.stderr
    refused = cli("deploy", artifact, *to_ann, *signed, "--require-signatures", status=77).stderr
    assert "may not add signatures to paths that are there already" in refused
    assert "not signed by a key that this machine trusts" in refused
    assert "for ann" in host.get("/", 8083)[1]


def test_all_hosts_go_back_if_one_fails(
    hosts: tuple[Host, Host], trusting: Trusting, cli: Cli, site: Callable[[str], Path]
) -> None:
    one, two = hosts
    both = (*QUICK, *to(one, two), "--atomic", "--sign", str(trusting.secret))
    done = cli("deploy", site("both"), "--name", "both", "--listen", "84", *both)
    for host in hosts:
        assert "<title>both" in host.get("/", 84)[1]
        assert told(host, "deployed", done)
    second = ("deploy", str(site("both second")), *both[:-2])
    failed = cli(*second, "--name", "both", status=77)
    assert told(one, "went back to what release 1 was", failed)
    assert told(two, "failed with status 77", failed)
    for host in hosts:
        assert "<title>both<" in host.get("/", 84)[1]
    assert [one["reason"] for one in releases(cli, one, "both")][:2] == ["rollback to 1", "deploy"]
    new = cli(*second, "--name", "newer", "--listen", "85", status=77)
    assert told(one, "went back: the app was not there before and is gone again", new)
    assert "newer" not in cli("status", *to(one)).stdout


def test_a_host_that_is_down_does_not_keep_the_others(
    hosts: tuple[Host, Host], cli: Cli, room: Path
) -> None:
    one, _ = hosts
    nobody = ("--host", "ssh://root@127.0.0.1:1")
    deploy = ("deploy", str(room), "--name", "room", *QUICK, *nobody, *to(one))
    done = cli(*deploy, "--parallel", "1", status=75)
    assert re.search(r"^127.0.0.1:1 +\| error: no connection to ssh://", done.stderr, re.MULTILINE)
    assert told(one, "deployed", done)
    before = releases(cli, one, "room")
    atomic = cli(*deploy, "--atomic", status=75)
    assert told(one, "untouched, as another host failed", atomic)
    assert releases(cli, one, "room") == before


def test_an_interrupt_ends_the_deployment_there(
    hosts: tuple[Host, Host], cli: Cli, room: Path
) -> None:
    host, _ = hosts
    before = current(cli, host, "room")
    with deploying(room, host) as (process, said):
        said.wait_for("of room (deploy)")
        process.send_signal(signal.SIGINT)
        assert process.wait(WITHIN) == 130
    assert f"release {before} never stopped, and serves" in said.text
    assert releases(cli, host, "room")[0]["state"] == "failed"
    assert current(cli, host, "room") == before
    assert "<title>first" in host.get("/", 81)[1]


def test_a_connection_that_is_lost_is_no_failed_release(
    hosts: tuple[Host, Host], cli: Cli, room: Path
) -> None:
    host, _ = hosts
    before = current(cli, host, "room")
    with deploying(room, host) as (process, said):
        said.wait_for("of room (deploy)")
        host.run(["pkill", "-f", "sshd: root@notty"])
        assert process.wait(WITHIN) == 75
    assert f"no connection to ssh://root@{host.name}" in said.text
    # It goes back by itself.
    until(lambda: releases(cli, host, "room")[0]["state"] == "failed")
    assert current(cli, host, "room") == before
    assert "<title>first" in host.get("/", 81)[1]


def test_a_copy_that_is_cut_leaves_nothing_that_counts(
    hosts: tuple[Host, Host], tmp_path: Path
) -> None:
    host, _ = hosts
    (tmp_path / "large").write_bytes(bytes(128 << 20))
    path = nixcli.add(tmp_path / "large")
    arrives = host.files / str(path)[1:]

    def cut() -> None:
        until(lambda: arrives.exists() or arrives.with_name(f"{arrives.name}.lock").exists())
        host.run(["pkill", "-f", "sshd: root@notty"])

    cutter = threading.Thread(target=cut)
    with Connection(read_address(f"ssh://root@{host.name}")) as connection:
        assert copying.missing(connection, [path]) == (path,)
        cutter.start()
        with pytest.raises(TemporaryError, match="was lost"):
            copying.send(connection, [path], say=lambda _line: None)
        cutter.join()
    assert host.run(["nix-store", "--check-validity", path], status=None).returncode == 1
    with Connection(read_address(f"ssh://root@{host.name}")) as connection:
        assert copying.send(connection, [path], say=lambda _line: None) == (path,)
    host.run(["nix-store", "--verify-path", path])


def test_a_host_without_this_hop3_nix(hosts: tuple[Host, Host], cli: Cli, room: Path) -> None:
    host, _ = hosts
    deploy = ("deploy", str(room), "--name", "other", *to(host), "--remote-program")
    none = cli(*deploy, "/opt/none/hop3-nix", status=69).stderr
    assert f"there is no /opt/none/hop3-nix on {host.name}" in none
    assert "--remote-program PATH" in none
    old = host.files / "usr/local/bin/old-hop3-nix"
    old.write_text("#!/bin/sh\necho hop3-nix 0.0.1\n")
    old.chmod(0o755)
    other = cli(*deploy, "old-hop3-nix", status=69).stderr
    assert f"old-hop3-nix on {host.name} is version 0.0.1; this one is " in other


def test_a_program_in_the_store_is_copied_along(
    hosts: tuple[Host, Host], cli: Cli, tmp_path: Path
) -> None:
    host, _ = hosts
    program = tmp_path / "package/bin/hop3-nix"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\n# {tmp_path}\nexec /usr/local/bin/hop3-nix "$@"\n')
    program.chmod(0o755)
    package = nixcli.add(tmp_path / "package")
    options = ("--remote-program", package / "bin/hop3-nix")
    done = cli("keys", "list", "--json", *options, *to(host))
    assert json.loads(done.stdout) == {"required": False, "trusted": []}
    assert "copying 1 of 1 store paths" in done.stderr
    assert package in store_of(host)


def test_a_host_can_be_a_builder(
    hosts: tuple[Host, Host], site: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, _ = hosts
    builder = f"ssh-ng://root@{host.name} x86_64-linux - 2"
    monkeypatch.setenv("NIX_CONFIG", f"builders = {builder}\nmax-jobs = 0")
    built = site("built elsewhere")
    logs = {log.name for log in (host.files / "nix/var/log/nix/drvs").rglob("*reading-room*")}
    assert len(logs) == 2
    assert built in store_of(host)


def to(*hosts: Host) -> list[str]:
    return [word for host in hosts for word in ("--host", f"ssh://root@{host.name}")]


def store_of(host: Host) -> set[Path]:
    """Return the paths that the host's store knows."""
    listed = host.run(["nix-store", "--dump-db"]).stdout.splitlines()
    return {
        Path(line)
        for line in listed
        # What something was built by is named there as well.
        if line.startswith("/nix/store/") and not line.endswith(".drv")
    }


def releases(cli: Cli, host: Host, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cli("releases", name, "--json", *to(host)).stdout)
    return found


def current(cli: Cli, host: Host, name: str) -> int:
    (number,) = (one["release"] for one in releases(cli, host, name) if one["state"] == "current")
    assert isinstance(number, int)
    return number


def told(host: Host, what: str, done: subprocess.CompletedProcess[str]) -> bool:
    """Return whether the last line about ``host`` is ``what``."""
    lines = [line for line in done.stderr.splitlines() if line.startswith(host.name)]
    return lines[-1].partition("| ")[2] == what


class Said:
    """What a command prints, as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.text = ""
        self._process = process
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.text or self._process.poll() is not None)
        assert text in self.text, self.text

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.text += line

    def finish(self) -> None:
        self._reader.join(WITHIN)


@contextmanager
def deploying(artifact: Path, host: Host) -> Iterator[tuple[subprocess.Popen[str], Said]]:
    """Deploy what never becomes healthy."""
    health = ("--health-path", "/no-such-page", "--health-timeout", "600")
    with subprocess.Popen(
        [COMMAND, "deploy", artifact, "--name", "room", *QUICK, *health, *to(host)],
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said = Said(process)
        try:
            yield process, said
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            said.finish()


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
