"""A host on which there is no hop3-nix: the one that Nix builds travels with what it deploys."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from deploying import wait_for
from host import Host, why_not
from released import QUICK, artifact, trusting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Cli

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")

EXPRESSION = """
import {root}/nix/package.nix {{
  pkgs = (builtins.getFlake "path:{debian}").legacyPackages.x86_64-linux;
}}
"""


@pytest.fixture(scope="module")
def program(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return hop3-nix as Nix builds it."""
    directory = tmp_path_factory.mktemp("package")
    debian = directory / "debian"
    cli("packages", "flake", debian)
    expression = EXPRESSION.format(root=ROOT, debian=debian)
    argv = ["nix", "build", "--impure", "--no-write-lock-file", "--expr", expression]
    done = subprocess.run(
        [*argv, "-o", directory / "result"],
        env={**os.environ, "NIX_USER_CONF_FILES": str(debian / "nix.conf")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (directory / "result").readlink() / "bin/hop3-nix"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Return a host with Nix, nginx and sshd, and no hop3-nix."""
    with Host.boot(tmp_path_factory.mktemp("bare") / "host") as host:
        (host.files / "usr/local/bin/hop3-nix").unlink()
        shutil.rmtree(host.files / "opt/hop3-nix")
        with (host.files / "etc/nix/nix.conf").open("a") as configuration:
            configuration.write("substituters =\n")  # it reaches none
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NIX_SSHOPTS", f"-F {host.ssh_config}")
            yield host


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what makes an artifact whose web answers with a word."""
    directory = tmp_path_factory.mktemp("trees")
    return lambda word: artifact(directory, word, python="/usr/bin/python3")


def there(host: Host) -> tuple[str, str]:
    return ("--host", f"ssh://root@{host.name}")


def test_without_one_that_travels_the_host_is_left_alone(
    host: Host, cli: Cli, built: Callable[[str], Path]
) -> None:
    deploy = trusting("deploy", built("none"), "--name", "shop")
    refused = cli(*deploy, *there(host), status=69).stderr
    assert f"there is no hop3-nix on {host.name}" in refused
    assert "A PATH in the Nix store is copied along" in refused
    assert not (host.files / "var/lib/hop3").exists()


def test_it_is_copied_with_the_app_and_deploys_it(
    host: Host, program: Path, built: Callable[[str], Path]
) -> None:
    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Call the program that runs from the store here."""
        argv = [program, *trusting(*arguments), *there(host)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done

    first = call("deploy", built("one"), "--name", "shop", "--listen", "80", *QUICK)
    assert "release 1 of shop serves on 80" in first.stdout
    assert host.get("/") == (200, "one")
    second = call("deploy", built("two"), "--name", "shop")
    assert "copying 1 of " in second.stderr
    assert host.get("/") == (200, "two")
    assert "running, release 2" in call("status", "shop").stdout
    call("rollback", "--name", "shop")
    assert host.get("/") == (200, "one")


def test_the_one_of_this_machine_names_it(
    host: Host, program: Path, cli: Cli, built: Callable[[str], Path]
) -> None:
    options = ("--remote-program", program, *there(host))
    cli(*trusting("deploy", built("three"), "--name", "hall", "--listen", "81"), *QUICK, *options)
    assert host.get("/", 81) == (200, "three")
    assert "hall: running" in cli("status", "hall", *options).stdout


def test_a_supervisord_that_came_along_outlives_a_garbage_collection(
    host: Host, program: Path, cli: Cli, built: Callable[[str], Path]
) -> None:
    root = ("--root", "/srv/own", "--remote-program", program, *there(host))
    own = ("--name", "lodge", "--manager", "supervisord", "--listen", "82")
    cli(*trusting("deploy", built("four")), *own, *QUICK, *root)
    host.run(["nix-collect-garbage", "--delete-old"])
    pids = host.run(["pgrep", "--full", "--newest", "http.server"]).stdout.split()
    (web,) = [pid for pid in pids if "four" in (host.files / f"proc/{pid}/environ").read_text()]
    host.run(["kill", f"-{signal.SIGKILL.value}", web])

    def answers() -> bool:
        shown = host.run(["pgrep", "--full", "--newest", "http.server"], status=None)
        return web not in shown.stdout.split() and host.get("/", 82) == (200, "four")

    wait_for(answers, "started again")
    assert "running" in cli("status", "lodge", *root).stdout
