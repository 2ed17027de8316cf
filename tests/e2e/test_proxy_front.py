"""What clients have of the proxy: TLS with HTTP/2, websockets, limits; by curl and by hand."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from faulty import by_python
from released import QUICK, Root, artifact, deployments
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER: Final = """
import base64, hashlib, http.server, os, struct, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.headers.get("Upgrade") == "websocket":
            return self.talk()
        if self.path == "/slow":
            time.sleep(2.5)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        text = "%s %d\\n%s" % (self.path, len(body), self.headers)
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    do_POST = do_GET
    def talk(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        while True:
            first, second = self.rfile.read(2)
            length = second & 127
            if length == 126:
                (length,) = struct.unpack("!H", self.rfile.read(2))
            mask = self.rfile.read(4)
            data = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(length)))
            kind = first & 15
            if kind == 9:
                kind = 10
            size = bytes([length]) if length < 126 else struct.pack("!BH", 126, length)
            self.wfile.write(bytes([128 | kind]) + size + data)
            if kind == 8:
                self.close_connection = True
                return
    def log_message(self, *arguments): pass
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    with deployments(tmp_path_factory.mktemp("front") / "root") as root:
        yield root


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workers = {"web": by_python(SERVER)}
    return artifact(tmp_path_factory.mktemp("app"), "front", workers=workers)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a CA, and a certificate of its for shop.example."""
    directory = tmp_path_factory.mktemp("ca")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)

    (directory / "names").write_text("subjectAltName=DNS:shop.example\n")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA")
    openssl("req", *new, "-keyout", "shop.key", "-out", "shop.csr", "-subj", "/CN=shop.example")
    sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
    openssl("x509", "-req", "-in", "shop.csr", *sign, "-out", "shop.pem")
    return directory


@pytest.fixture(scope="module")
def plain(root: Root, built: Path) -> int:
    port = free_port()
    limits = ("body-size=1k", "header-size=4k", "answer-timeout=2")
    options = [word for limit in limits for word in ("--proxy-limit", limit)]
    root("deploy", built, "--name", "plain", "--listen", str(port), *options, *QUICK)
    return port


def curl(*words: str | Path) -> tuple[str, dict[str, Any]]:
    """Return what curl got, and what it says of that."""
    argv = ["curl", "--silent", "--show-error", "--max-time", "20", "-w", "\n%{json}", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    body, _, told = done.stdout.rpartition("\n")
    return body, json.loads(told)


def test_a_certificate_makes_it_speak_tls_with_http_2(
    root: Root, built: Path, certified: Path
) -> None:
    port = free_port()
    pair = ("--tls-cert", str(certified / "shop.pem"), "--tls-key", str(certified / "shop.key"))
    named = ("--listen", str(port), "--domain", "shop.example")
    root("deploy", built, "--name", "secure", *named, *pair, *QUICK)
    resolved = ("--resolve", f"shop.example:{port}:127.0.0.1")
    trusting = (*resolved, "--cacert", certified / "ca.pem")
    body, told = curl(*trusting, f"https://shop.example:{port}/a")
    assert (told["http_code"], told["http_version"], told["ssl_verify_result"]) == (200, "2", 0)
    assert body.startswith("/a 0\n")
    assert "X-Forwarded-Proto: https" in body
    body, told = curl(*trusting, "--http1.1", "-d", "x" * 100, f"https://shop.example:{port}/b")
    assert (told["http_code"], told["http_version"]) == (200, "1.1")
    assert body.startswith("/b 100\n")
    _, told = curl(*resolved, f"http://shop.example:{port}/c?d")
    assert told["http_code"] == 308
    assert told["redirect_url"] == f"https://shop.example:{port}/c?d"
    with pytest.raises(subprocess.CalledProcessError):  # whom nobody has a certificate for
        curl(
            "--insecure",
            "--resolve",
            f"other.example:{port}:127.0.0.1",
            f"https://other.example:{port}/",
        )

    # A new certificate is taken with the next release, and nobody else can read its key.
    (certified / "shop.pem").write_text((certified / "shop.pem").read_text() + "\n")
    root("restart", "secure")
    kept = list((root.directory / "apps/hop3-proxy/state/certificates").iterdir())
    assert sorted(path.suffix for path in kept) == [".crt", ".key"]
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert curl(*trusting, f"https://shop.example:{port}/")[1]["http_code"] == 200
    # What is in force goes on when its files are gone.
    (certified / "shop.key").rename(certified / "away.key")
    root("start", "secure")
    assert curl(*trusting, f"https://shop.example:{port}/")[1]["http_code"] == 200
    (certified / "away.key").rename(certified / "shop.key")
    root("destroy", "secure", "--yes", "--data")
    assert not list((root.directory / "apps/hop3-proxy/state").glob("certificates/*"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tls-cert", "shop.pem"), "a certificate needs a key"),
        (("--tls-cert", "shop.pem", "--tls-key", "ca.key"), "is no certificate for the key"),
        (("--tls-cert", "none.pem", "--tls-key", "ca.key"), "No such file"),
        (("--tls-cert", "shop.pem", "--tls-key", "shop.key", "--no-proxy"), "--no-proxy"),
        (("--tls-cert", "shop.pem", "--tls-key", "shop.key", "--listen", "80"), "port 80"),
        (("--proxy-limit", "body=1m"), "there is no such limit"),
        (("--proxy-limit", "body-size=1x"), "not a size"),
        (("--proxy-limit", "answer-timeout=1.5"), "not a time"),
        (("--proxy-limit", "header-size=2m"), "not from 1k to 1m"),
        (("--proxy-limit", "header-size"), "not NAME=VALUE"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_touched(
    root: Root, built: Path, certified: Path, options: tuple[str, ...], said: str
) -> None:
    words = [str(certified / word) if word.endswith((".pem", ".key")) else word for word in options]
    done = root("deploy", built, "--name", "refused", *words, *QUICK, status=65)
    assert said in done.stderr
    assert "release" not in done.stdout


def test_what_is_too_much_or_too_slow(plain: int) -> None:
    url = f"http://127.0.0.1:{plain}"
    assert curl("-d", "x" * 1024, f"{url}/")[1]["http_code"] == 200
    assert curl("-d", "x" * 1025, f"{url}/")[1]["http_code"] == 413
    assert curl("-H", f"X-Long: {'x' * 60000}", f"{url}/")[1]["http_code"] == 200
    assert curl("-H", f"X-Long: {'x' * 66000}", f"{url}/")[1]["http_code"] == 400
    assert curl(f"{url}/slow")[1]["http_code"] == 504


class Websocket:
    """A client of RFC 6455, that says what it sends and gets."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._stream = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b"".join(iter(self._stream.readline, b"\r\n")).decode()
        accept = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode())  # noqa: S324
        assert head.startswith("HTTP/1.1 101 ")
        assert base64.b64encode(accept.digest()).decode() in head

    def send(self, kind: int, data: bytes) -> None:
        size = bytes([128 | len(data)]) if len(data) < 126 else struct.pack("!BH", 254, len(data))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self._socket.sendall(bytes([128 | kind]) + size + mask + masked)

    def receive(self) -> tuple[int, bytes]:
        """Return kind and data of a frame, zero and nothing at the end."""
        head = self._stream.read(2)
        if not head:
            return 0, b""
        length = head[1]
        if length == 126:
            (length,) = struct.unpack("!H", self._stream.read(2))
        return head[0] & 15, self._stream.read(length)

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def test_a_websocket_talks_stays_and_closes(plain: int) -> None:
    with closing(Websocket(plain)) as client:
        for data in (b"hello", os.urandom(60000)):
            client.send(TEXT, data)
            assert client.receive() == (TEXT, data)
        end = time.monotonic() + 4  # twice as long as one that says nothing may stay
        while time.monotonic() < end:
            client.send(PING, b"there?")
            assert client.receive() == (PONG, b"there?")
            time.sleep(0.5)
        client.send(CLOSE, struct.pack("!H", 1000))
        assert client.receive() == (CLOSE, struct.pack("!H", 1000))
        assert client.receive() == (0, b"")


def test_a_websocket_that_says_nothing_is_closed_after_the_time_for_answers(plain: int) -> None:
    with closing(Websocket(plain)) as client:
        began = time.monotonic()
        assert client.receive() == (0, b"")
        assert 1.5 < time.monotonic() - began < 8


def test_a_websocket_by_tls(root: Root, built: Path, certified: Path) -> None:
    port = free_port()
    pair = ("--tls-cert", str(certified / "shop.pem"), "--tls-key", str(certified / "shop.key"))
    root("deploy", built, "--name", "secure", "--listen", str(port), *pair, *QUICK)
    context = ssl.create_default_context(cafile=str(certified / "ca.pem"))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="shop.example") as secure,
    ):
        secure.sendall(
            b"GET /ws HTTP/1.1\r\nHost: shop.example\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert secure.recv(1000).startswith(b"HTTP/1.1 101 ")
