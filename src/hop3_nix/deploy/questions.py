"""What is asked of a process that should answer, and what came of it."""

from __future__ import annotations

import http.client
import socket
import threading
from dataclasses import dataclass
from typing import Final

from hop3_nix.workers.health import GOOD, is_good

LOOPBACK: Final = "127.0.0.1"

LONGEST_ANSWER: Final = 10.0
"""Seconds that one answer may take, so that a server that hangs is asked again."""

LONGEST_PAGE: Final = 1 << 20
"""Bytes of a page that are searched for the text that it has to contain."""

BELOW_500: Final = (100, 499)
"""What will do where nobody has said what to ask: the application was loaded, and answers."""

NOT_YET: Final = frozenset({502, 503, 504})
"""How a server says that it will answer later (RFC 9110, 15.6)."""

FIRST_ERROR: Final = 500


@dataclass(frozen=True)
class Check:
    """What is expected of one service."""

    name: str
    """The service's."""
    label: str
    """How messages call it."""
    port: int | None = None
    """The port on loopback that it has to accept connections on; None if it need not."""
    path: str = ""
    """The HTTP path that has to be answered; empty for none."""
    status: tuple[int, int] = GOOD
    """First and last HTTP status that will do."""
    host: str = "localhost"
    """The host name it is asked for."""
    contains: str = ""
    """Text that the answer has to contain."""
    declared: bool = True
    """Whether somebody has said what to ask, and so what an error means."""
    behind_proxy: bool = True
    address: str = LOOPBACK
    """Where it is asked."""
    command: str = ""
    """The command line that it was started by, for what can be told from that."""
    tls: bool = False
    """Whether it is asked by TLS; whom the certificate is for is not looked at."""


@dataclass(frozen=True)
class Answer:
    """What came of a question."""

    problem: str = ""
    """What is wrong with it; empty if it will do."""
    error: bool = False
    """Whether the application answered that it has failed."""


class Question(threading.Thread):
    """A question that is being asked: an answer that never comes must not hide other things."""

    def __init__(self, check: Check, patience: float) -> None:
        super().__init__(daemon=True)
        self._check = check
        self._patience = patience
        self.answer = Answer(f"did not answer {check.path}".rstrip())
        self.start()

    def run(self) -> None:
        """Ask."""
        self.answer = ask(self._check, self._patience)


def ask(check: Check, patience: float) -> Answer:
    """Return what the service answers within ``patience`` seconds; it has a port."""
    address, port, asked = check.address, check.port or 0, check.path
    try:
        if not asked:
            socket.create_connection((address, port), timeout=patience).close()
            return Answer()
        return _page(check, _connection(check, patience))
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        problem = f"did not answer {asked}, but closed the connection"
    except http.client.BadStatusLine:
        problem = f"did not answer {asked} by HTTP; --health-path '' if it speaks none"
    except TimeoutError:
        problem = f"did not answer {asked} (no answer came in {patience:.0f} s)"
    except http.client.HTTPException as error:
        problem = f"did not answer {asked} ({type(error).__name__}: {error})"
    except OSError:
        problem = f"did not accept a connection on its port {port}"
    return Answer(problem)


def _connection(check: Check, patience: float) -> http.client.HTTPConnection:
    address, port = check.address, check.port or 0
    if not check.tls:
        return http.client.HTTPConnection(address, port, timeout=patience)
    import ssl  # noqa: PLC0415 - 10 ms

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPConnection(address, port, timeout=patience)
    plain = socket.create_connection((address, port), timeout=patience)
    connection.sock = context.wrap_socket(plain, server_hostname=check.host)
    return connection


def _page(check: Check, connection: http.client.HTTPConnection) -> Answer:
    try:
        connection.request("GET", check.path, headers={"Host": check.host, "Connection": "close"})
        response = connection.getresponse()
        page = response.read(LONGEST_PAGE) if check.contains else b""
    finally:
        connection.close()
    if not is_good(response.status, check.status):
        failed = response.status >= FIRST_ERROR and response.status not in NOT_YET
        return Answer(f"answered {check.path} with {response.status}", error=failed)
    if check.contains.encode() not in page:
        return Answer(f"answered {check.path} without the text {check.contains!r}")
    return Answer()
