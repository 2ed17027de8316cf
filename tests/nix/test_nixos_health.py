"""What a NixOS unit waits for before its worker counts as started."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = ROOT / "nix/nixos/wait_until_healthy.sh"
ASK = ROOT / "nix/lib/health/ask.sh"


class Answering(BaseHTTPRequestHandler):
    """Answers /N with status N, and with 503 the first time it is asked for /later."""

    asked = 0

    def do_GET(self) -> None:
        status = 200
        if self.path == "/later":
            type(self).asked += 1
            status = 503 if type(self).asked == 1 else 200
        elif self.path[1:].isdigit():
            status = int(self.path[1:])
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"\0" * 2000 + b"Welcome, it's %s")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def listening() -> Iterator[int]:
    """Yield the port of one that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def wait(port: int, *arguments: str, seconds: int = 60, main: int | None = None) -> tuple[int, str]:
    env = {"PORT": str(port), "MAINPID": str(main or os.getpid())}
    argv = ["/bin/bash", str(SCRIPT), str(ASK), str(seconds), *arguments]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


@pytest.mark.parametrize("page", ["/", "/204", "/302", "/later"])
def test_a_good_answer_ends_the_wait(port: int, page: str) -> None:
    assert wait(port, "http", page) == (0, "")


@pytest.mark.parametrize("status", [404, 500])
def test_a_bad_answer_does_not(port: int, status: int) -> None:
    code, said = wait(port, "http", f"/{status}", seconds=0)
    assert code == 1
    assert f"not healthy within 0 s: port {port} answered /{status} with HTTP/1.0 {status}" in said


@pytest.mark.parametrize(("page", "text"), [("/", "it's %s"), ("", "Welcome")])
def test_the_page_contains_what_it_should(port: int, page: str, text: str) -> None:
    assert wait(port, "http", page, text) == (0, "")


def test_a_page_without_the_text_is_not_healthy(port: int) -> None:
    code, said = wait(port, "http", "/204", "Farewell", seconds=0)
    assert code == 1
    assert f"port {port} answered /204 with HTTP/1.0 204" in said
    assert "without the text 'Farewell'" in said


@pytest.mark.parametrize("arguments", [("http",), ("fastcgi",), ("fastcgi", "/ignored")])
def test_without_a_page_a_connection_will_do(arguments: tuple[str, ...]) -> None:
    with listening() as port:
        assert wait(port, *arguments) == (0, "")


def test_nobody_there_is_not_healthy() -> None:
    code, said = wait(free_port(), "http", "/", seconds=0)
    assert code == 1
    assert "does not answer" in said


def test_it_does_not_wait_for_what_has_ended() -> None:
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    assert wait(free_port(), "http", main=ended.pid) == (1, "it ended before it was healthy\n")
