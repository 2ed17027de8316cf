"""What counts as healthy, asked of real sockets; the service manager is a test double."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from hop3_nix.deploy import health
from hop3_nix.deploy.health import Watch
from hop3_nix.deploy.questions import BELOW_500, Check
from hop3_nix.deploy.services.base import ServiceStatus
from hop3_nix.deploy.whose import another_port
from hop3_nix.errors import ServiceError
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RUNNING = ServiceStatus("running", pid=7)


class Told:
    """A service manager that tells one status after the other, and then the last one on."""

    def __init__(self, *told: ServiceStatus) -> None:
        self.told = list(told)
        self.own = True

    def status(self, names: Sequence[str]) -> Mapping[str, ServiceStatus]:
        status = self.told.pop(0) if len(self.told) > 1 else self.told[0]
        return dict.fromkeys(names, status)

    def processes(self, name: str) -> frozenset[int]:
        assert name
        return frozenset({os.getpid()} if self.own else {os.getppid()})

    def logs(self, names: Sequence[str], *, lines: int, follow: bool) -> list[tuple[str, str]]:
        assert lines
        assert not follow
        return [(names[0], "cannot bind")]


def watched(*told: ServiceStatus, timeout: float = 20, **options: Any) -> tuple[Watch, Told]:
    services: Any = Told(*told)
    options = {"stays_up": 0.01, **options}
    return Watch(services, timeout=timeout, **options), services


def web(**check: Any) -> Check:
    return Check(name="hop3-shop-r1-web-1", label="web.1", **check)


def wait(*told: ServiceStatus, timeout: float = 20, stays_up: float = 0.01, **check: Any) -> None:
    watched(*told, timeout=timeout, stays_up=stays_up)[0].wait([web(**check)])


@contextmanager
def answering(*statuses: int, page: str = "") -> Iterator[tuple[int, list[str]]]:
    """Give the port of a server with these answers, and the hosts it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Host"])
            self.send_response(statuses[min(len(asked), len(statuses)) - 1])
            self.end_headers()
            self.wfile.write(page.encode())

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
    assert str(caught.value) == "web.1 answered /up with 404 within 0.2 s"
    assert caught.value.tip == "cannot bind"


def test_nothing_listens() -> None:
    port = free_port()
    with pytest.raises(ServiceError, match=f"did not accept a connection on its port {port}"):
        wait(RUNNING, port=port, timeout=0.1)


@pytest.mark.parametrize(
    ("command", "said", "told"),
    [
        ("gunicorn -b 127.0.0.1:5000 app:app", "", "its command line names port 5000: the port"),
        ("flask run --port 5000", "", "names port 5000"),
        ("flask run -p 5000", "", "names port 5000"),
        ("gunicorn app:app --bind 127.0.0.1:$PORT", "", ""),
        ("x", "Error: listen EACCES: permission denied 0.0.0.0:3000", "tried port 3000"),
        ("x", "listen tcp :8080: bind: permission denied", "tried port 8080, on which it may not"),
        ("x", "[ERROR] Can't connect to ('127.0.0.1', 5000)", "--ports 5000 allows"),
        ("x", "while attempting to bind on address ('127.0.0.1', 8000): permission", "port 8000"),
        ("x", "[Errno 13] Permission denied: '/nix/store/x'", ""),
    ],
)
def test_which_port_it_has_wanted_instead(command: str, said: str, told: str) -> None:
    check = web(port=20000, command=command)
    assert told in another_port(check, ["x", said])
    assert bool(told) == bool(another_port(check, ["x", said]))


def test_a_port_without_a_path_has_to_accept_connections() -> None:
    with answering(500) as (port, asked):
        wait(RUNNING, port=port)
    assert asked == []


def test_one_that_has_ended_is_not_waited_for() -> None:
    with pytest.raises(ServiceError, match=r"web\.1 ended with status 3"):
        wait(ServiceStatus("failed", status=3), port=free_port(), timeout=3600)


@pytest.mark.parametrize(
    "again",
    [
        ServiceStatus("starting", status=-9),
        ServiceStatus("running", pid=8, status=-9, restarts=1),
    ],
    ids=["is to be", "was"],
)
def test_one_that_is_started_again_while_it_is_waited_for(again: ServiceStatus) -> None:
    with pytest.raises(ServiceError, match=r"web\.1 was ended by signal 9"):
        wait(again, port=free_port(), timeout=3600)


def test_one_that_ran_before_may_be_started_again() -> None:
    again = ServiceStatus("running", pid=8, restarts=5)
    with answering(200) as (port, _):
        watched(again, restarts=2)[0].wait([web(port=port, path="/")])
    more = ServiceStatus("starting", status=3, restarts=7)
    with pytest.raises(ServiceError, match=r"web\.1 ended with status 3, 2 times"):
        watched(again, more, restarts=2)[0].wait([web(port=free_port(), path="/")])


def test_one_that_answered_and_ends_while_others_are_waited_for() -> None:
    dead = ServiceStatus("failed", status=3)
    with answering(200) as (port, _):
        watch, services = watched(RUNNING, stays_up=60)
        watch.wait([web(port=port, path="/up")])
        services.told = [RUNNING, RUNNING, dead]
        with pytest.raises(ServiceError, match=r"web\.1 ended with status 3"):
            watch.wait([Check(name="hop3-shop-r1-mailer-1", label="mailer.1")])
        watch, services = watched(RUNNING)
        watch.wait([web(port=port, path="/up")])
        watch.look()
        services.told = [dead]
        with pytest.raises(ServiceError, match=r"web\.1 ended with status 3"):
            watch.look()


def test_any_answer_below_500_will_do_where_nobody_said_what_to_ask() -> None:
    check: dict[str, Any] = {"path": "/", "status": BELOW_500, "declared": False}
    with answering(503, 404) as (port, asked):
        wait(RUNNING, port=port, **check)
    assert len(asked) == 2


def test_an_application_that_goes_on_failing_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SURE", 0.1)
    check: dict[str, Any] = {"path": "/", "status": BELOW_500, "declared": False}
    with answering(500) as (port, _), pytest.raises(ServiceError, match="/ with 500, and goes on"):
        wait(RUNNING, port=port, timeout=3600, **check)


def test_a_text_that_the_page_has_to_contain() -> None:
    with answering(200, page="all is well") as (port, _):
        wait(RUNNING, port=port, path="/up", contains="is well")
        with pytest.raises(ServiceError, match="/up without the text 'is ill' within"):
            wait(RUNNING, port=port, path="/up", contains="is ill", timeout=0.1)


def test_an_answer_of_somebody_else_is_none() -> None:
    with answering(200) as (port, _):
        watch, services = watched(RUNNING, timeout=0.2)
        services.own = False
        with pytest.raises(ServiceError, match=f"does not listen on 127.0.0.1:{port}: a process"):
            watch.wait([web(port=port, path="/up")])


@pytest.mark.parametrize(("address", "said"), [("0.0.0.0", 1), ("127.0.0.1", 0)])  # noqa: S104
def test_a_server_that_others_reach_too_is_named(address: str, said: int) -> None:
    told: list[str] = []
    with socket.create_server((address, 0)) as server:
        port = server.getsockname()[1]
        watched(RUNNING, say=told.append)[0].wait([web(port=port)])
    assert len(told) == said
    assert all(f"listens on every address (0.0.0.0:{port})" in text for text in told)


def test_a_server_that_listens_elsewhere() -> None:
    asked = free_port()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ServiceError, match=f"it listens on .*127.0.0.1:{port}.* instead"):
            wait(RUNNING, port=asked, path="/", timeout=0.1)
    with (
        socket.create_server(("127.0.0.2", asked)),
        pytest.raises(ServiceError, match=f"127.0.0.2:{asked}.*, and is asked on 127.0.0.1"),
    ):
        wait(RUNNING, port=asked, path="/", timeout=0.1)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [(b"", "closed the connection"), (b"SSH-2.0\r\n", "by HTTP; --health-path ''")],
)
def test_what_does_not_speak_http(answer: bytes, problem: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(1000)
                        connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        port = server.getsockname()[1]
        with pytest.raises(ServiceError, match=problem):
            wait(RUNNING, port=port, path="/", timeout=0.2)
        wait(RUNNING, port=port)


def test_a_worker_has_to_stay_up() -> None:
    wait(RUNNING)
    with pytest.raises(ServiceError, match=r"web\.1 ended with status 0"):
        wait(RUNNING, RUNNING, ServiceStatus("stopped", status=0), stays_up=9)
    with pytest.raises(ServiceError, match="ended, and was started again"):
        wait(RUNNING, RUNNING, ServiceStatus("running", pid=8, restarts=1), stays_up=9)
