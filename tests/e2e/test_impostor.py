"""An app that waits for the ports of another one, and of the proxy: nothing gets to it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from deploying import processes, wait_for
from faulty import IMPOSTOR, by_python
from hop3_nix.deploy import portlock
from released import QUICK, Root, artifact, deployments, get
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Root]:
    with deployments(tmp_path / "root") as root:
        yield root


def deploy_impostor(root: Root, directory: Path, ports: tuple[int, ...], *options: str) -> None:
    workers = {"thief": by_python(IMPOSTOR)}
    built = artifact(directory, "impostor", workers=workers, healthcheck_path="")
    wanted = f"WANTED={','.join(map(str, ports))}"
    root("deploy", built, "--name", "thief", "--env", wanted, *QUICK, *options)


def deploy_shop(root: Root, directory: Path) -> tuple[int, int]:
    """Deploy an app, and return its port before the proxy and the one behind it."""
    port = free_port()
    root("deploy", artifact(directory, "good"), "--name", "shop", "--listen", str(port), *QUICK)
    return port, web(root)["port"]


def web(root: Root) -> Any:
    (found,) = (one for one in root.data("status", "shop")["workers"] if one["worker"] == "web")
    return found


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def answers(port: int, seconds: float) -> list[str]:
    """Return what requests to ``port`` are answered with, as many as there can be."""
    said = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            said.append(get(port))
        except OSError as error:
            said.append(str(error))
    return said


@pytest.mark.skipif(not portlock.is_possible(), reason="a kernel with Landlock for ports")
def test_no_request_reaches_who_waits_for_the_port_of_a_worker_or_of_the_proxy(
    root: Root, tmp_path: Path
) -> None:
    public, behind = deploy_shop(root, tmp_path)
    deploy_impostor(root, tmp_path, (behind, public))
    for _ in range(2):
        kill(web(root)["pid"])
        assert "stolen" not in answers(public, 1.5)
        wait_for(lambda: "good" in answers(public, 0.1), "back", 60)
    for master in processes(f"-c {root.directory}/proxy/nginx.conf"):
        kill(master)
    assert "stolen" not in answers(public, 1.5)
    wait_for(lambda: "good" in answers(public, 0.1), "back", 60)
    assert "TAKEN" not in root("logs", "thief").stdout


def test_where_it_may_listen_anywhere_status_tells_who_has_the_port(
    root: Root, tmp_path: Path
) -> None:
    public, behind = deploy_shop(root, tmp_path)
    deploy_impostor(root, tmp_path, (behind,), "--ports", "any")
    kill(web(root)["pid"])
    wait_for(lambda: "stolen" in answers(public, 0.1), "stolen")
    said = root("status", "shop").stdout
    assert "a process that is not its own does (process " in said
    assert "of the app thief), and gets the app's requests" in said
