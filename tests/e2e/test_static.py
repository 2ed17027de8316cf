"""The web server of static sites, over HTTP: by both builders, each with what it has."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from running import fetch, free_port, only_closure, started, wait_for_output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conftest import Cli

BUILDERS: Final = ("nix", "local")
BIG: Final = bytes(range(256)) * (16 * 4096)
"""16 MiB: more than the buffers of a connection hold."""

PAGE: Final = "<!doctype html><title>{0}</title><p>{0}</p>\n"
SCRIPT: Final = "console.log('the same line, again and again');\n" * 200

FILES: Final = {
    "index.html": PAGE.format("home"),
    "404.html": PAGE.format("nothing here"),
    "about.html": PAGE.format("about us"),
    "docs/index.html": PAGE.format("manual"),
    "bare/notes.txt": "notes\n",
    "style.css": "body { color: black }\n",
    "plain.js": SCRIPT,
    "app.3f2a9c1b.js": SCRIPT,
    "assets/index-D4xk2TQa.css": "p { margin: 0 }\n",
    "photo-20240101.jpg": "not really a photograph",
    "report-3f2a9c1b.html": PAGE.format("report"),
    "font.woff2": "not really a font",
    "data.json": '{"from": "the file"}\n',
    "a b&c.txt": "a name with more than letters\n",
    ".env": "SECRET=1\n",
    ".hidden/index.html": PAGE.format("secret"),
    ".well-known/security.txt": "Contact: mailto:desk@library.example\n",
}

IMMUTABLE: Final = "public, max-age=31536000, immutable"


class Answer(NamedTuple):
    """An answer as it came."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Site(NamedTuple):
    """A site that is being served."""

    port: int
    log: Path

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Answer(answer.status, answer.headers, body)


class Built(NamedTuple):
    """What a builder has made."""

    location: Path
    builder: str


def write_app(app: Path, **files: str) -> None:
    for name, text in FILES.items():
        file = app / "public" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (app / "public/data.json.gz").write_bytes(gzip.compress(b'{"from": "the copy"}\n'))
    (app / "public/big.bin").write_bytes(BIG)
    (app / "secret.txt").write_text("secret\n")
    (app / "public/up.txt").symlink_to("../secret.txt")
    for name, text in files.items():
        (app / name).write_text(text)


@pytest.fixture(scope="module")
def build(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Built]:
    def build(builder: str, **files: str) -> Built:
        app = tmp_path_factory.mktemp("site") / "library"
        app.mkdir()
        write_app(app, **files)
        done = cli("build", app, "--builder", builder, "--json")
        return Built(Path(json.loads(done.stdout)["location"]), builder)

    return build


@contextmanager
def serving(built: Built, state: Path) -> Iterator[Site]:
    port = free_port()
    env = {"PORT": str(port), "BIND_ADDRESS": "127.0.0.1"}
    launcher = str(built.location / "bin/web")
    if built.builder == "nix":
        argv = [*only_closure(built.location, env | {"HOP3_STATE_DIR": "/tmp"}), launcher]
        run = started(argv)
    else:
        run = started([launcher], env=env | {"HOP3_STATE_DIR": str(state)})
    with run as log:
        assert fetch(port, "/", log)[0] == 200, log.read_text()
        yield Site(port, log)


@pytest.fixture(scope="module", params=BUILDERS)
def built(request: pytest.FixtureRequest, build: Callable[..., Built]) -> Built:
    # What a build step leaves is no more trusted than the rest of the machine.
    step = '[build]\nstatic-dir = "public"\nbuild = "ln -s $PWD/secret.txt public/inside.txt"\n'
    return build(request.param, **{"hop3.toml": step})


@pytest.fixture(scope="module")
def site(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(built, tmp_path_factory.mktemp("state")) as site:
        yield site


@pytest.fixture(scope="module", params=BUILDERS)
def routed(
    request: pytest.FixtureRequest,
    build: Callable[..., Built],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Serve the same with a fallback and with listings."""
    built = build(
        request.param,
        Staticfile="root: public\npushstate: enabled\ndirectory: visible\n",
    )
    with serving(built, tmp_path_factory.mktemp("state")) as site:
        yield site


@pytest.fixture
def local(build: Callable[..., Built]) -> Path:
    return build("local", Procfile="static: public\n").location / "bin/web"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "home"),
        ("/index.html", "home"),
        ("/about", "about us"),
        ("/about.html?x=1", "about us"),
        ("/docs/", "manual"),
        ("/a%20b&c.txt", "more than letters"),
        ("/.well-known/security.txt", "desk@library.example"),
    ],
)
def test_finds_pages(site: Site, path: str, text: str) -> None:
    answer = site.ask(path)
    assert (answer.status, text in answer.body.decode()) == (200, True)


def test_leads_to_the_slash_of_a_directory_by_its_path_alone(site: Site) -> None:
    answer = site.ask("/docs", {"Host": "elsewhere.example"})
    assert (answer.status, answer.headers["Location"]) == (301, "/docs/")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/plain.js", "text/javascript; charset=utf-8"),
        ("/font.woff2", "font/woff2"),
        ("/big.bin", "application/octet-stream"),
    ],
)
def test_says_what_it_sends(site: Site, path: str, media_type: str) -> None:
    headers = site.ask(path, method="HEAD").headers
    assert headers["Content-Type"] == media_type
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/nothing", "/nothing/", "/nothing.js", "/bare", "/bare/"])
def test_what_is_not_there_has_the_page_of_the_site_for_it(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert (answer.status, "nothing here" in answer.body.decode()) == (404, True)
    assert answer.headers["Cache-Control"] is None


@pytest.mark.parametrize(
    "path",
    ["/.env", "/.hidden", "/.hidden/", "/.hidden/index.html", "/docs/.git/config", "/%2eenv"],
)
def test_hides_what_begins_with_a_dot(site: Site, path: str) -> None:
    etag = site.ask("/").headers["ETag"]
    for headers in ({}, {"If-None-Match": etag}):
        answer = site.ask(path, headers)
        assert (answer.status, b"SECRET" in answer.body) == (404, False)


@pytest.mark.parametrize("path", ["/up.txt", "/inside.txt"])
def test_follows_no_link_out_of_the_site(site: Site, path: str) -> None:
    assert site.ask(path).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/docs/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/docs/..;/..;/secret.txt",
        "//../secret.txt",
    ],
)
def test_leaves_the_site_by_no_path(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.status in {400, 404}
    assert b"secret" not in answer.body


@pytest.mark.parametrize(
    ("path", "cached"),
    [
        ("/", "no-cache"),
        ("/about", "no-cache"),
        ("/docs/", "no-cache"),
        ("/plain.js", "no-cache"),
        ("/photo-20240101.jpg", "no-cache"),
        ("/report-3f2a9c1b.html", "no-cache"),
        ("/app.3f2a9c1b.js", IMMUTABLE),
        ("/assets/index-D4xk2TQa.css", IMMUTABLE),
    ],
)
def test_only_a_name_with_a_digest_is_kept_without_asking(
    site: Site, path: str, cached: str
) -> None:
    assert site.ask(path).headers["Cache-Control"] == cached


@pytest.mark.parametrize("path", ["/", "/about", "/plain.js", "/docs/"])
def test_sends_nothing_that_the_browser_has(site: Site, path: str) -> None:
    first = site.ask(path)
    again = site.ask(path, {"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert site.ask(path, {"If-None-Match": '"other"'}).body == first.body


def test_a_compressed_answer_is_known_again_too(site: Site) -> None:
    first = site.ask("/plain.js", {"Accept-Encoding": "gzip"})
    again = site.ask(
        "/plain.js", {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status, again.body) == (304, b"")


def test_nothing_in_a_store_passes_for_what_was_there_before(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    answers = []
    for text in ("one", "two"):
        with serving(build("nix", Staticfile="root: public\n", note=text), tmp_path) as site:
            answers.append(site.ask("/").headers)
    assert answers[0]["ETag"] != answers[1]["ETag"]
    assert [headers["Last-Modified"] for headers in answers] == [None, None]


def test_sends_parts(site: Site) -> None:
    answer = site.ask("/big.bin", {"Range": "bytes=1000-1999"})
    assert (answer.status, answer.body) == (206, BIG[1000:2000])
    assert answer.headers["Content-Range"] == f"bytes 1000-1999/{len(BIG)}"
    assert site.ask("/big.bin", {"Range": "bytes=-7"}).body == BIG[-7:]
    assert site.ask("/big.bin", {"Range": f"bytes={len(BIG)}-"}).status == 416


def test_goes_on_with_a_part_only_of_the_same_version(site: Site) -> None:
    etag = site.ask("/big.bin", method="HEAD").headers["ETag"]
    same = site.ask("/big.bin", {"Range": "bytes=0-9", "If-Range": etag})
    other = site.ask("/big.bin", {"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status, other.status, len(other.body)) == (206, 200, len(BIG))


def test_sends_big_files_whole(site: Site) -> None:
    assert site.ask("/big.bin").body == BIG


def test_head_has_the_headers_alone(site: Site) -> None:
    head, get = site.ask("/about", method="HEAD"), site.ask("/about")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_takes_nothing(site: Site, method: str) -> None:
    assert site.ask("/about.html", method=method).status == 405


def test_compresses_text(site: Site) -> None:
    answer = site.ask("/plain.js", {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.body).decode() == SCRIPT


def test_compresses_nothing_that_was_not_asked_for(site: Site) -> None:
    assert site.ask("/plain.js").headers["Content-Encoding"] is None
    assert site.ask("/big.bin", {"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None


def test_takes_the_compressed_copy_beside_a_file(site: Site) -> None:
    answer = site.ask("/data.json", {"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.body) == b'{"from": "the copy"}\n'
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["ETag"] != site.ask("/data.json").headers["ETag"]


@pytest.mark.parametrize("built", ["nix"], indirect=True)
def test_the_server_of_the_debian_set_knows_brotli(site: Site) -> None:
    answer = site.ask("/plain.js", {"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.body) < len(SCRIPT) / 10


@pytest.mark.parametrize("path", ["/loans/17", "/loans/j.doe", "/loans/"])
def test_a_fallback_answers_for_what_is_no_file(routed: Site, path: str) -> None:
    answer = routed.ask(path)
    assert (answer.status, "home" in answer.body.decode()) == (200, True)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert routed.ask(path, {"If-None-Match": answer.headers["ETag"]}).status == 304


@pytest.mark.parametrize("path", ["/gone.js", "/assets/gone-D4xk2TQa.css", "/.env"])
def test_a_fallback_is_no_script_and_nothing_hidden(routed: Site, path: str) -> None:
    assert routed.ask(path).status == 404


def test_a_listing_shows_what_is_not_hidden(routed: Site) -> None:
    answer = routed.ask("/bare/")
    assert (answer.status, "notes.txt" in answer.body.decode()) == (200, True)
    assert ".." in answer.body.decode()
    assert "manual" in routed.ask("/docs/").body.decode()
    assert routed.ask("/bare").headers["Location"] == "/bare/"


def test_the_whole_tree_as_a_site_has_no_configuration_in_it(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    built = build("local", Procfile="static: .\n", Staticfile="directory: visible\n", page="x")
    with serving_tree(built, tmp_path) as site:
        shown = [site.ask(f"/{name}").status for name in ("Procfile", "Staticfile", "page")]
    assert shown == [404, 404, 200]


@contextmanager
def serving_tree(built: Built, state: Path) -> Iterator[Site]:
    port = free_port()
    env = {"PORT": str(port), "HOP3_STATE_DIR": str(state)}
    with started([str(built.location / "bin/web")], env=env) as log:
        assert fetch(port, "/page", log)[0] == 200
        yield Site(port, log)


def test_logs_each_request_once(site: Site) -> None:
    mark = f"/about?{time.monotonic_ns()}"
    site.ask(mark)
    wait_for_output(site.log, mark)
    assert len(re.findall(re.escape(f'"GET {mark} HTTP/1.1" 200'), site.log.read_text())) == 1


@contextmanager
def worker(launcher: Path, port: int, state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Give the first process of a worker that takes requests, in a group of its own."""
    env = {"PORT": str(port), "HOP3_STATE_DIR": str(state)}
    with subprocess.Popen(
        [launcher], env=env, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        fetch(port, "/", Path(os.devnull))
        yield process


def test_finishes_what_it_sends_when_it_is_asked_to_stop(local: Path, tmp_path: Path) -> None:
    port = free_port()
    with worker(local, port, tmp_path) as process, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /big.bin HTTP/1.0\r\n\r\n")
        received = client.recv(1000)
        process.send_signal(signal.SIGTERM)
        wait_until_refused(port)
        while chunk := client.recv(1 << 20):
            received += chunk
        assert received.endswith(BIG)
        assert process.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def wait_until_refused(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        assert time.monotonic() < deadline, "it takes requests while it stops"
        time.sleep(0.05)


def test_ends_with_its_whole_group_and_leaves_nothing(local: Path, tmp_path: Path) -> None:
    with worker(local, free_port(), tmp_path) as process:
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def test_says_that_the_port_is_in_use(local: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))  # noqa: S104 - as the server would
        other.listen()
        port = other.getsockname()[1]
        process = subprocess.run(
            [local],
            env={"PORT": str(port), "HOP3_STATE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert process.returncode == 1
    assert f"0.0.0.0:{port} failed (98: Address already in use)" in process.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({}, "PORT is not set"),
        ({"PORT": "http"}, "PORT is http"),
        ({"PORT": "1", "BIND_ADDRESS": "a;b"}, "BIND_ADDRESS is a;b"),
        ({"PORT": "1", "WEB_CONCURRENCY": "all"}, "WEB_CONCURRENCY is all"),
    ],
)
def test_says_what_is_wrong_with_the_environment(
    local: Path, env: dict[str, str], message: str
) -> None:
    done = subprocess.run([local], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, message in done.stderr) == (64, True), done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_runs_as_anybody(build: Callable[..., Built]) -> None:
    launcher = build("nix", Procfile="static: public\n").location / "bin/web"
    port = free_port()
    with subprocess.Popen(
        [launcher],
        env={"PORT": str(port)},
        user=65534,
        group=65534,
        extra_groups=[],
        stdout=subprocess.DEVNULL,
    ) as process:
        site = Site(port, Path(os.devnull))
        assert fetch(port, "/", site.log)[0] == 200
        assert site.ask("/big.bin").body == BIG
        process.terminate()
        assert process.wait(20) == 0


def test_writes_its_log_to_a_socket(local: Path, tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    port = free_port()
    env = {"PORT": str(port), "HOP3_STATE_DIR": str(tmp_path)}
    with subprocess.Popen([local], env=env, stdout=theirs.fileno()) as process:
        theirs.close()
        fetch(port, "/about", Path(os.devnull))
        ours.settimeout(20)
        assert b"GET /about" in ours.recv(4096)
        process.terminate()
    ours.close()


@contextmanager
def served_with(local: Path, state: Path, *options: str, **env: str) -> Iterator[Site]:
    """Run the server itself, as the launcher of a worker with ``options`` would."""
    release = local.parent.parent
    port = free_port()
    variables = {"PATH": os.environ["PATH"], "PORT": str(port), "HOP3_STATE_DIR": str(state)}
    argv = [str(release / "app/bin/serve-static"), *options, str(release / "app/app/public")]
    with started(argv, env=variables | env) as log:
        yield Site(port, log)


def test_a_prefix_below_which_every_name_has_a_digest_is_kept(local: Path, tmp_path: Path) -> None:
    with served_with(local, tmp_path, "--immutable", "/docs/", "--immutable", "/plain.") as site:
        fetch(site.port, "/", site.log)
        kept = {
            path: site.ask(path).headers["Cache-Control"] == IMMUTABLE
            for path in ("/plain.js", "/bare/notes.txt", "/docs/index.html", "/about")
        }
    assert kept == {
        "/plain.js": True,
        "/bare/notes.txt": False,
        "/docs/index.html": False,  # a page is asked for again, wherever it is
        "/about": False,
    }


def test_listens_on_the_address_that_it_is_given(local: Path, tmp_path: Path) -> None:
    with served_with(local, tmp_path, BIND_ADDRESS="::1") as site:
        wait_until_listening("::1", site)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", site.port)) != 0


def wait_until_listening(address: str, site: Site) -> None:
    deadline = time.monotonic() + 20
    while True:
        with socket.socket(socket.AF_INET6) as probe:
            if probe.connect_ex((address, site.port)) == 0:
                return
        assert time.monotonic() < deadline, site.log.read_text()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fallback", "gone.html"], "the fallback gone.html is not a file in"),
        (["--fallback"], "give one directory"),
        (["--all"], "there is no option --all"),
    ],
)
def test_says_what_is_wrong_with_its_options(
    local: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    with served_with(local, tmp_path, *options) as site:
        wait_for_output(site.log, f"serve-static: {message}")
