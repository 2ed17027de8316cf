"""What counts as healthy, asked of real sockets; the service manager is a test double."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.deploy.health import Check, wait_until_healthy
from hop3_nix.deploy.services.base import ServiceStatus
from hop3_nix.errors import ServiceError
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RUNNING = ServiceStatus("running", pid=7)


class Told:
    """A service manager that tells one status after the other, and then the last one on."""

    def __init__(self, *told: ServiceStatus) -> None:
        self._told = list(told)

    def status(self, names: Sequence[str]) -> Mapping[str, ServiceStatus]:
        status = self._told.pop(0) if len(self._told) > 1 else self._told[0]
        return dict.fromkeys(names, status)

    def logs(self, names: Sequence[str], *, lines: int, follow: bool) -> list[tuple[str, str]]:
        assert lines
        assert not follow
        return [(names[0], "cannot bind")]


def wait(*told: ServiceStatus, timeout: float = 20, stays_up: float = 0.01, **check: Any) -> None:
    services: Any = Told(*told)
    checks = [Check(name="hop3-shop-r1-web-1", label="web.1", **check)]
    wait_until_healthy(services, checks, timeout=timeout, stays_up=stays_up)


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[int, list[str]]]:
    """Give the port of a server with these answers, and the hosts it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Host"])
            self.send_response(statuses[min(len(asked), len(statuses)) - 1])
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], asked
        server.shutdown()
        thread.join()


def test_it_is_asked_until_it_answers_well() -> None:
    with answering(503, 500, 200) as (port, asked):
        wait(RUNNING, port=port, path="/up", host="shop.example")
    assert asked == ["shop.example"] * 3


@pytest.mark.parametrize(("status", "expected"), [(204, (204, 204)), (302, (200, 399))])
def test_the_status_that_is_expected(status: int, expected: tuple[int, int]) -> None:
    with answering(status) as (port, _):
        wait(RUNNING, port=port, path="/up", status=expected)


def test_another_status_until_the_time_is_up() -> None:
    with answering(404) as (port, _), pytest.raises(ServiceError) as caught:
        wait(RUNNING, port=port, path="/up", timeout=0.2)
    assert str(caught.value) == "web.1 answered /up with 404, and no better within 0.2 s"
    assert caught.value.tip == "cannot bind"


def test_nothing_listens() -> None:
    port = free_port()
    with pytest.raises(ServiceError, match=f"did not accept a connection on its port {port}"):
        wait(RUNNING, port=port, timeout=0.1)


def test_a_port_without_a_path_has_to_accept_connections() -> None:
    with answering(500) as (port, asked):
        wait(RUNNING, port=port)
    assert asked == []


def test_one_that_has_ended_is_not_waited_for() -> None:
    with pytest.raises(ServiceError, match=r"web\.1 ended with status 3"):
        wait(ServiceStatus("failed", status=3), port=free_port(), timeout=3600)


def test_one_that_is_started_again_and_again() -> None:
    again = ServiceStatus("starting", status=-9, restarts=2)
    with pytest.raises(ServiceError, match=r"web\.1 was ended by signal 9, 2 times"):
        wait(again, port=free_port(), timeout=3600)


def test_a_worker_has_to_stay_up() -> None:
    wait(RUNNING)
    with pytest.raises(ServiceError, match=r"ended with status 0 within 9 s"):
        wait(RUNNING, RUNNING, ServiceStatus("stopped", status=0), stays_up=9)
    with pytest.raises(ServiceError, match="within 9 s"):
        wait(RUNNING, RUNNING, ServiceStatus("running", pid=8, restarts=1), stays_up=9)
