"""The nginx in front of the apps: a real one, real servers, requests over HTTP."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploying import end_supervisord, script, supervised, wait_for
from hop3_nix.deploy.proxy.base import Site
from hop3_nix.deploy.proxy.nginx import Nginx
from hop3_nix.deploy.releases.layout import Layout
from hop3_nix.errors import ProxyError, UnavailableError
from hop3_nix.nix import commands as nixcli
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hop3_nix.deploy.services.supervisord import Supervisord

SERVER = """
import os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/slow":
            time.sleep(1.5)
        if self.path == "/die" and os.environ["NAME"] == "one":
            os._exit(1)
        if self.headers.get("Upgrade") == "echo":
            self.wfile.write(b"HTTP/1.1 101 Go on\\r\\nUpgrade: echo\\r\\n")
            self.wfile.write(b"Connection: Upgrade\\r\\n\\r\\n")
            while data := self.rfile.readline():
                self.wfile.write(data)
            return
        text = str(self.headers) if self.path == "/headers" else ""
        answer = f"{os.environ['NAME']} {self.command} {self.path} {len(body)}\\n{text}".encode()
        self.send_response(502 if self.path == "/502" else 200)
        self.send_header("Content-Length", str(len(answer)))
        if self.path == "/headers":
            self.send_header("X-Long", "x" * 60000)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

FASTCGI = """
import os, socket, struct
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    connection, _ = listener.accept()
    stream, params, pairs = connection.makefile("rb"), b"", {}
    while True:  # the FastCGI specification, 3.3: records until the empty one of standard input
        header = stream.read(8)
        if not header:  # somebody wanted to know whether we listen
            break
        _, kind, request, length, padding, _ = struct.unpack("!BBHHBB", header)
        content = stream.read(length)
        stream.read(padding)
        params += content if kind == 4 else b""
        if kind == 5 and not length:
            break
    while params:  # 3.4: lengths of one byte, or of four with the highest bit set
        lengths = []
        for _ in range(2):
            size = 4 if params[0] > 127 else 1
            lengths.append(int.from_bytes(params[:size], "big") & 0x7FFFFFFF)
            params = params[size:]
        name, value = params[: lengths[0]], params[lengths[0] : sum(lengths)]
        pairs[name.decode()] = value.decode()
        params = params[sum(lengths) :]
    text = "".join(f"{name}={value}\\n" for name, value in pairs.items())
    answer = f"Content-Type: text/plain\\r\\n\\r\\n{text}".encode()
    for kind, content in pairs and ((6, answer), (6, b""), (3, bytes(8))):
        connection.sendall(struct.pack("!BBHHBB", 1, kind, request, len(content), 0, 0) + content)
    stream.close()
    connection.close()
"""

Answer = tuple[int, str, "Mapping[str, str]"]


def ask(
    port: int,
    path: str = "/",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    address: str = "127.0.0.1",
) -> Answer:
    """Return status, text and headers of the answer."""
    with closing(http.client.HTTPConnection(address, port, timeout=30)) as connection:
        connection.request("GET" if body is None else "POST", path, body, dict(headers or {}))
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, answer.read().decode(), names


def says(port: int, **options: object) -> str:
    """Return which server answers."""
    return ask(port, **options)[1].split()[0]  # type: ignore[arg-type]


class Served:
    """A root with a proxy, and servers ``one``, ``two`` and ``three`` behind it."""

    def __init__(self, root: Path, services: Supervisord) -> None:
        self.root = root
        self.services = services
        self.proxy = Nginx(Layout(root), services)
        self.ports = {name: free_port() for name in ("one", "two", "three")}
        self.listen = free_port()

    def start(self, name: str, text: str = SERVER) -> None:
        """Start server ``name``, and wait until it takes connections."""
        port = self.ports[name]
        env = {"PATH": os.defpath, "PORT": str(port), "NAME": name}
        server = script(self.services, name, text, env=env, app="servers")
        self.services.install([server])
        self.services.start([server.name])
        wait_for(lambda: takes_connections(port), f"{name} up")

    def stop(self, name: str) -> None:
        """Stop server ``name``."""
        self.services.stop([f"hop3-servers-{name}"])

    def site(self, *names: str, spare: tuple[str, ...] = (), **changes: object) -> Site:
        """Return the site that the servers ``names`` answer for."""
        site = Site(
            "shop",
            (str(self.listen),),
            tuple(self.ports[name] for name in names),
            tuple(self.ports[name] for name in spare),
        )
        return replace(site, **changes)  # type: ignore[arg-type]

    def workers(self) -> list[str]:
        """Return nginx's worker processes, which a reload replaces."""
        pid = self.services.status(["hop3-proxy"])["hop3-proxy"].pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("root")
    with supervised(root) as services:
        served = Served(root, services)
        for name in served.ports:
            served.start(name)
        yield served


@pytest.fixture
def served(shared: Served) -> Iterator[Served]:
    for name, port in shared.ports.items():
        if not takes_connections(port):
            shared.start(name)
    yield shared
    for app in shared.proxy.sites():
        shared.proxy.remove(app)


def test_a_site_is_served_until_it_is_removed(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    assert ask(served.listen, "/a%2Fb//c?d=%20", b"xy")[:2] == (200, "one POST /a%2Fb//c?d=%20 2\n")
    assert served.proxy.sites() == ("shop",)
    served.proxy.remove("shop")
    served.proxy.remove("shop")
    assert not takes_connections(served.listen)
    assert served.proxy.sites() == ()


def test_what_a_removal_that_was_killed_has_left_goes_when_it_is_repeated(served: Served) -> None:
    left = served.root / "proxy/sites/shop/1/first"
    left.mkdir(parents=True)
    (left / "0").symlink_to(served.root / "proxy/ports/20001")
    (served.root / "proxy/ports/20001").mkdir(parents=True, exist_ok=True)
    served.proxy.remove("shop")
    assert not left.parents[1].exists()
    assert not any((served.root / "proxy/ports").iterdir())


def test_both_families_of_addresses_are_listened_on(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    assert says(served.listen, address="::1") == "one"


def test_the_next_release_is_there_when_apply_returns_and_no_connection_is_closed(
    served: Served,
) -> None:
    served.proxy.apply(served.site("one"))
    workers = served.workers()
    with closing(http.client.HTTPConnection("127.0.0.1", served.listen)) as connection:
        for name in ("two", "one") * 5:
            served.proxy.apply(served.site(name))
            connection.request("POST", "/", b"x")
            assert connection.getresponse().read().decode().startswith(name)
    assert served.workers() == workers


def test_instances_share_the_requests(served: Served) -> None:
    served.proxy.apply(served.site("one", "two", "three"))
    answered = [says(served.listen) for _ in range(120)]
    assert min(answered.count(name) for name in served.ports) > 15


def test_an_instance_that_does_not_listen_is_passed_over(served: Served) -> None:
    served.proxy.apply(served.site("one", "two"))
    served.stop("one")
    assert {says(served.listen, body=b"x") for _ in range(20)} == {"two"}


def test_spare_ports_are_for_when_no_other_listens(served: Served) -> None:
    served.proxy.apply(served.site("one", spare=("two",)))
    assert says(served.listen, body=b"x") == "one"
    served.stop("one")
    large = bytes(1_000_000)
    answer = ask(served.listen, "/a%2Fb//c?d=%20", large)
    assert answer[:2] == (200, "two POST /a%2Fb//c?d=%20 1000000\n")


@pytest.mark.parametrize("body", [None, b"x"], ids=["GET", "POST"])
def test_what_may_have_been_done_is_not_asked_for_again(served: Served, body: bytes | None) -> None:
    served.proxy.apply(served.site("one", spare=("two",)))
    assert ask(served.listen, "/die", body)[0] == 502


def test_nobody_listens(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    served.stop("one")
    assert ask(served.listen)[0] == 502


def test_headers_may_be_long_and_have_any_name(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    cookie = {"Cookie": f"a={'x' * 40000}", "api_key": "k", "x_Forwarded-for": "192.0.2.7"}
    status, text, answered = ask(served.listen, "/headers", headers=cookie)
    assert status == 200
    assert cookie["Cookie"] in text
    assert "api_key: k" in text
    assert "192.0.2.7" not in text
    assert len(answered["x-long"]) == 60000


def test_an_answer_of_the_apps_own_is_passed_on(served: Served) -> None:
    served.proxy.apply(served.site("one", spare=("two",)))
    assert ask(served.listen, "/502")[:2] == (502, "one GET /502 0\n")


def test_draining_waits_for_requests_under_way(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    answers: list[Answer] = []
    slow = threading.Thread(target=lambda: answers.append(ask(served.listen, "/slow")))
    slow.start()
    one = [served.ports["one"]]
    wait_for(lambda: not served.proxy.drain(one, 0), "under way")
    served.proxy.apply(served.site("two"))
    assert not served.proxy.drain(one, 0.1)
    assert served.proxy.drain(one, 30)
    slow.join()
    assert [answer[:2] for answer in answers] == [(200, "one GET /slow 0\n")]


def test_who_asked_is_told_and_cannot_be_made_up(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    made_up = {
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Proto": "https",
        "Proxy": "http://192.0.2.8",
        "Host": "shop.example:8443",
    }
    text = ask(served.listen, "/headers", headers=made_up)[1]
    # This machine is trusted: it may have a proxy that has the certificates.
    assert "X-Forwarded-For: 192.0.2.7, 127.0.0.1\n" in text
    assert "X-Forwarded-Proto: https\n" in text
    assert "Host: shop.example:8443\n" in text
    assert "X-Real-IP: 127.0.0.1\n" in text
    assert "192.0.2.8" not in text


def test_connections_are_upgraded(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    with socket.create_connection(("127.0.0.1", served.listen), 10) as connection:
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
        )
        with connection.makefile("rb") as stream:
            while stream.readline().strip():
                pass
            connection.sendall(b"hello\n")
            assert stream.readline() == b"hello\n"


def test_names_decide_between_sites_of_a_port(served: Served) -> None:
    served.proxy.apply(served.site("one", names=("one.example", "*.one.example")))
    served.proxy.apply(served.site("two", app="blog", names=("two.example",)))
    host = {name: {"Host": name} for name in ("a.one.example", "ONE.example", "two.example")}
    answers = {name: says(served.listen, headers=headers) for name, headers in host.items()}
    assert answers == {"a.one.example": "one", "ONE.example": "one", "two.example": "two"}
    assert ask(served.listen)[0] == 404
    served.proxy.apply(served.site("three", app="any"))
    assert says(served.listen) == "three"


def test_a_change_of_the_site_is_in_force_when_apply_returns(served: Served) -> None:
    served.proxy.apply(served.site("one", names=("old.example",)))
    for number in range(5):
        name = f"new{number}.example"
        served.proxy.apply(served.site("one", names=(name,)))
        with closing(http.client.HTTPConnection("127.0.0.1", served.listen)) as connection:
            connection.request("GET", "/", headers={"Host": name})
            assert connection.getresponse().status == 200


def test_a_refused_change_leaves_the_site_as_it_was(
    served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served.proxy.apply(served.site("one"))
    written = (served.root / "proxy/nginx.conf").read_text()
    base = tmp_path / "nginx.conf"
    base.write_text("nonsense on;")
    with monkeypatch.context() as patch:
        patch.setattr("hop3_nix.deploy.proxy.nginx_conf.BASE", base)
        with pytest.raises(ProxyError, match="nginx refused the configuration") as refused:
            served.proxy.apply(served.site("two", names=("two.example",)))
    assert 'unknown directive "nonsense"' in refused.value.tip
    with pytest.raises(ProxyError, match=r"cannot listen on 192\.0\.2\.1:80: Cannot assign"):
        served.proxy.apply(served.site("two", listen=("192.0.2.1:80",)))
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104 - nginx listens on all
        port = str(other.getsockname()[1])
        with pytest.raises(ProxyError, match=f"cannot listen on {port}: Address already in use"):
            served.proxy.apply(served.site("two", listen=(port,)))
    assert says(served.listen) == "one"
    assert (served.root / "proxy/nginx.conf").read_text() == written


def test_a_change_that_nginx_cannot_take_is_taken_back(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.proxy.apply(served.site("one"))
    monkeypatch.setattr("hop3_nix.deploy.proxy.nginx.COMES_UP_WITHIN", 2)
    monkeypatch.setattr(Nginx, "_refuse_taken", lambda *_: None)
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104 - nginx listens on all
        taken = (str(served.listen), str(other.getsockname()[1]))
        with pytest.raises(ProxyError, match="the one before stays in force") as refused:
            served.proxy.apply(served.site("two", listen=taken))
    assert "Address already in use" in refused.value.tip
    assert says(served.listen) == "one"
    served.proxy.apply(served.site("three"))
    assert says(served.listen) == "three"


def test_a_proxy_that_was_killed_is_started_with_what_was_in_force(tmp_path: Path) -> None:
    with supervised(tmp_path) as services:
        served = Served(tmp_path, services)
        served.start("one")
        services.enable("servers", services.installed("servers"))
        served.proxy.apply(served.site("one"))
        end_supervisord(tmp_path, signal.SIGKILL)
        services.start(services.installed("servers"))  # as after a boot
        wait_for(lambda: takes_connections(served.listen), "the proxy up")
        wait_for(lambda: ask(served.listen)[0] == 200, "the app up")
        assert says(served.listen) == "one"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    directory = tmp_path / "files"
    (directory / "sub").mkdir(parents=True)
    (directory / "index.html").write_text("start")
    (directory / "sub/index.html").write_text("sub")
    (directory / "about.html").write_text("about")
    (directory / "app.3f2a9c1b.js").write_text("script")
    (directory / "404.html").write_text("lost")
    (directory / "out").symlink_to("/etc")
    (tmp_path / "files-secret").write_text("secret")
    return directory


AWKWARD = "/s 'a\"b;{}\\$uri\n#é"
AWKWARD_URL = "/s%20'a%22b;%7B%7D%5C$uri%0A%23%C3%A9"


def test_static_paths_are_served_beside_the_app(served: Served, files: Path) -> None:
    static = {"/s": files, AWKWARD: files, "/icon.js": files / "app.3f2a9c1b.js"}
    served.proxy.apply(served.site("one", static=static))
    for prefix in ("/s", AWKWARD_URL):
        status, text, headers = ask(served.listen, f"{prefix}/about.html")
        assert (status, text, headers["content-type"]) == (200, "about", "text/html")
        assert headers["cache-control"] == "no-cache"
    assert ask(served.listen, "/icon.js")[:2] == (200, "script")
    assert "immutable" in ask(served.listen, "/s/app.3f2a9c1b.js")[2]["cache-control"]
    assert ask(served.listen, "/s/none")[0] == 404
    assert ask(served.listen, "/stay")[1] == "one GET /stay 0\n"
    etag = ask(served.listen, "/s/about.html")[2]["etag"]
    assert ask(served.listen, "/s/about.html", headers={"If-None-Match": etag})[0] == 304


@pytest.mark.parametrize("path", ["/s/out/passwd", "/s../files-secret", "/s/../files-secret"])
def test_nothing_beside_a_static_directory_is_served(
    served: Served, files: Path, path: str
) -> None:
    served.proxy.apply(served.site("one", static={"/s": files}))
    status, text, _ = ask(served.listen, path)
    assert status in {403, 404} or text.startswith("one GET")
    assert "secret" not in text.removeprefix(f"one GET {path}")


def test_files_in_the_store_are_told_apart_by_their_path(served: Served, tmp_path: Path) -> None:
    versions = []
    for word in ("first", "other"):  # of the same size, and without times
        (tmp_path / word).mkdir()
        (tmp_path / word / "a.txt").write_text(word)
        versions.append(nixcli.add(tmp_path / word))
    served.proxy.apply(served.site("one", static={"/s": versions[0]}))
    workers = served.workers()
    status, text, headers = ask(served.listen, "/s/a.txt")
    assert (status, text) == (200, "first")
    assert "last-modified" not in headers
    known = {"If-None-Match": headers["etag"]}
    assert ask(served.listen, "/s/a.txt", headers=known)[0] == 304
    served.proxy.apply(served.site("one", static={"/s": versions[1]}))
    assert ask(served.listen, "/s/a.txt", headers=known)[:2] == (200, "other")
    assert served.workers() == workers  # no reload for it


def test_a_site_of_files_alone(served: Served, files: Path) -> None:
    served.proxy.apply(served.site(root=files))
    answers = {path: ask(served.listen, path)[:2] for path in ("/", "/sub", "/about", "/none")}
    assert answers == {
        "/": (200, "start"),
        "/sub": (200, "sub"),
        "/about": (200, "about"),
        "/none": (404, "lost"),
    }
    assert ask(served.listen, "/out/passwd")[0] in {403, 404}


def test_a_fastcgi_server(served: Served, files: Path) -> None:
    served.ports["cgi"] = free_port()
    served.start("cgi", FASTCGI)
    served.proxy.apply(served.site("cgi", protocol="fastcgi", root=files))
    text = ask(served.listen, "/a/b.cgi?c=d", b"xyz", {"Proxy": "evil", "X-A": "b"})[1]
    place = served.root / "proxy/sites/shop/serving/root"
    assert {
        "REQUEST_METHOD=POST",
        "QUERY_STRING=c=d",
        "CONTENT_LENGTH=3",
        "SCRIPT_NAME=/a/b.cgi",
        f"SCRIPT_FILENAME={place}/a/b.cgi",
        "HTTP_X_A=b",
    } <= set(text.splitlines())
    assert "evil" not in text


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's nginx runs its workers as another user")
def test_workers_are_nobody_where_they_can_be() -> None:
    # pytest's own directories are closed to others
    with umask(0o022), tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        with supervised(root) as services:
            served = Served(root, services)
            served.start("one")
            served.proxy.apply(served.site("one"))
            assert says(served.listen) == "one"
            assert 0 not in {Path("/proc", pid).stat().st_uid for pid in served.workers()}


def test_a_root_that_nginx_would_misread_is_refused(tmp_path: Path) -> None:
    with supervised(tmp_path / "a b") as services:
        proxy = Nginx(Layout(tmp_path / "a b"), services)
        with pytest.raises(UnavailableError, match="nginx cannot work below"):
            proxy.apply(Site("shop", ("8080",), (1,)))


def test_many_changes_at_once(served: Served) -> None:
    served.proxy.apply(served.site("one"))
    threads = [
        threading.Thread(
            target=Nginx(Layout(served.root), served.services).apply,
            args=(served.site("one", app=f"app{number}", names=(f"app{number}.example",)),),
        )
        for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(served.proxy.sites()) == 7
    began = time.monotonic()
    for number in range(6):
        host = {"Host": f"app{number}.example"}
        assert says(served.listen, headers=host) == "one"
    assert time.monotonic() - began < 10
