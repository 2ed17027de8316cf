"""Releases that replace one another under load, and the requests that are lost: none."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import pytest

from deploying import end_supervisord, wait_for
from host import Host, why_not
from released import PYTHON, QUICK, Root, artifact, deployments, trusting
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER: Final = """
import os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(0.005)
        answer = os.environ["WORD"].encode()
        self.send_response(503 if self.path == "/up" and "sick" in os.environ["WORD"] else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
"""Ends at once when it is stopped, with all that it is answering: nothing may be left to answer."""

COMMAND: Final = "/opt/hop3-nix/bin/hop3-nix"

NAMED: Final = ("--name", "shop", *QUICK)

RELEASES: Final = 10

CONNECTIONS: Final = 5
RATE: Final = 40
"""Of each kind of client, and requests per second of each connection."""

KINDS: Final = {
    "GET": ("-m", "GET"),
    "POST": ("-m", "POST", "-d", "x" * 2000),
    "GET, connection closed": ("-m", "GET", "-disable-keepalive"),
    "POST, connection closed": ("-m", "POST", "-d", "x" * 2000, "-disable-keepalive"),
}


@dataclass(frozen=True)
class Result:
    """What one client saw."""

    answered: int
    failed: list[str]
    slowest: float
    """Seconds."""


@contextmanager
def load(url: str) -> Iterator[dict[str, Result]]:
    """Send requests of all kinds until this ends; then the results are in the dictionary."""
    common = ["-z", "10m", "-c", str(CONNECTIONS), "-q", str(RATE), "-t", "30"]
    clients = {
        kind: subprocess.Popen(["hey", *common, *options, url], stdout=subprocess.PIPE, text=True)
        for kind, options in KINDS.items()
    }
    results: dict[str, Result] = {}
    try:
        yield results
    finally:
        for client in clients.values():
            client.send_signal(signal.SIGINT)
        results |= {kind: result(client.communicate()[0]) for kind, client in clients.items()}


def result(text: str) -> Result:
    """Return what hey's summary ``text`` says."""
    statuses = {int(code): int(n) for code, n in re.findall(r"\[(\d{3})\]\t(\d+) responses", text)}
    failed = [f"{n} x status {code}" for code, n in statuses.items() if code != 200]
    _, errors, distribution = text.partition("Error distribution:\n")
    failed += [line.strip() for line in distribution.splitlines() if line.strip()] if errors else []
    slowest = re.search(r"Slowest:\s+([\d.]+)", text)
    assert slowest, text
    return Result(statuses.get(200, 0), failed, float(slowest[1]))


def show(title: str, results: dict[str, Result], seconds: float) -> None:
    """Show the table that docs/proxy.md has; pytest -s lets it be seen."""
    lines = [
        f"\n{title}, {seconds:.0f} s",
        "| client | requests | failed | slowest, ms |",
        "|---|---|---|---|",
    ]
    for kind, of in results.items():
        lines.append(f"| {kind} | {of.answered} | {len(of.failed)} | {of.slowest * 1000:.0f} |")
    sys.stdout.write("\n".join([*lines, ""]))


class Live(Protocol):
    """Where an app is deployed, by supervisord here or by systemd on a host."""

    @property
    def url(self) -> str:
        """Return what clients ask."""

    @property
    def interpreter(self) -> str:
        """Return what its server runs with there."""

    def run(self, *arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command there."""

    def boot_again(self) -> None:
        """End everything there, and start what starts by itself."""


@dataclass(frozen=True)
class Here:
    root: Root
    url: str
    interpreter: str = PYTHON

    def run(self, *arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        return self.root(*arguments, status=status)

    def boot_again(self) -> None:
        end_supervisord(self.root.directory)
        conf = self.root.directory / "supervisor/supervisord.conf"
        subprocess.run([sys.executable, "-m", "supervisor.supervisord", "-c", conf], check=True)


@dataclass(frozen=True)
class There:
    host: Host
    interpreter: str = PYTHON

    @property
    def url(self) -> str:
        return f"http://{self.host.address}/"

    def run(self, *arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        paths = [argument for argument in arguments if isinstance(argument, Path)]
        if paths:
            self.host.copy_closure(*paths)
        return self.host.run([COMMAND, *trusting(*arguments)], status=status)

    def boot_again(self) -> None:
        self.host.reboot()


@pytest.fixture(
    scope="module",
    params=[
        "supervisord",
        pytest.param(
            "systemd",
            marks=pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing"),
        ),
    ],
)
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    directory = tmp_path_factory.mktemp("load")
    if request.param == "systemd":
        with Host.boot(directory / "host") as host:
            there = There(host)
            there.run("deploy", _release(there, directory, "first"), *NAMED, "--listen", "80")
            yield there
    else:
        port = free_port()
        with deployments(directory / "root") as root:
            here = Here(root, f"http://127.0.0.1:{port}/")
            here.run("deploy", _release(here, directory, "first"), *NAMED, "--listen", str(port))
            yield here


def _release(live: Live, directory: Path, word: str) -> Path:
    return artifact(directory, word, workers={"web": f"{live.interpreter} -S -c '{SERVER}'"})


def answer(live: Live) -> str:
    """Return what a client sees."""
    with urllib.request.urlopen(live.url, timeout=20) as answered:  # noqa: S310 - http:
        text: str = answered.read().decode()
        return text


def test_no_request_is_lost_while_ten_releases_replace_one_another(
    live: Live, tmp_path: Path
) -> None:
    releases = [_release(live, tmp_path, f"next{number}") for number in range(RELEASES)]
    begun = time.monotonic()
    with load(live.url) as results:
        for number, release in enumerate(releases):
            live.run("deploy", release, *NAMED)
            assert answer(live) == f"next{number}"
    show("ten releases", results, time.monotonic() - begun)
    assert {kind: of.failed for kind, of in results.items()} == {kind: [] for kind in KINDS}
    assert sum(of.answered for of in results.values()) > 2000


def test_no_request_is_lost_while_a_release_does_not_become_healthy(
    live: Live, tmp_path: Path
) -> None:
    before, serving = answer(live), _current(live)
    sick = _release(live, tmp_path, "sick")
    begun = time.monotonic()
    with load(live.url) as results:
        refused = live.run("deploy", sick, "--name", "shop", "--health-timeout", "3", status=101)
    show("a release that does not become healthy", results, time.monotonic() - begun)
    assert "503" in refused.stderr
    assert {kind: of.failed for kind, of in results.items()} == {kind: [] for kind in KINDS}
    assert sum(of.answered for of in results.values()) > 500
    assert (answer(live), _current(live)) == (before, serving)


def _current(live: Live) -> int:
    release: int = json.loads(live.run("status", "shop", "--json").stdout)["release"]
    return release


def test_after_a_reboot_what_served_before_serves_again(live: Live) -> None:
    before = answer(live)
    live.boot_again()
    wait_for(lambda: _answers(live), "an answer")
    assert answer(live) == before


def _answers(live: Live) -> bool:
    try:
        return bool(answer(live))
    except OSError:
        return False


def test_a_client_that_is_refused_is_seen() -> None:
    with load(f"http://127.0.0.1:{free_port()}/") as results:
        time.sleep(1)
    assert all(of.failed for of in results.values())
