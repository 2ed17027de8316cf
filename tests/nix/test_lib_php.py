"""What the Nix library makes of an application of PHP: its server, with nothing but its closure."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from running import STARTS_WITHIN, closure, fetch, free_port, only_closure, started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Cli

INDEX = """<?php
if (isset($_GET['log'])) { error_log('a line from error_log'); }
echo json_encode([
    'path' => $_SERVER['REQUEST_URI'],
    'info' => $_SERVER['PATH_INFO'] ?? null,
    'ip' => $_SERVER['REMOTE_ADDR'],
    'https' => $_SERVER['HTTPS'] ?? null,
    'proxy' => getenv('HTTP_PROXY'),
    'release' => PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION,
    'zone' => (new DateTime('@0'))->setTimezone(new DateTimeZone('Asia/Tokyo'))->format('T'),
    'words' => (new NumberFormatter('en', NumberFormatter::SPELLOUT))->format(7),
    'files' => array_map(fn($file) => [$file['size'], $file['error']], $_FILES),
]);
"""

HIDDEN = "this is nobody's"

FILES = {
    "composer.json": '{"require": {"php": "~8.4.0", "ext-intl": "*", "ext-pdo_sqlite": "*"}}',
    "index.php": INDEX,
    "slow.php": "<?php sleep(2); echo 'slow';",
    "a.css": "body{}",
    "UP.PHP": f"<?php /* {HIDDEN} */",
    "x.inc": HIDDEN,
    "notes.sql": HIDDEN,
    ".user.ini": "memory_limit = 64M",
    "data/.htaccess": "<IfModule !mod_authz_core.c>\nDeny from all\n</IfModule>\n",
    "data/pages/secret.txt": HIDDEN,
    "inside/.htaccess": "Require all denied\n",
    "inside/page.php": f'<?php echo "{HIDDEN}";',
    "open/.htaccess": "<Files secret.txt>\nDeny from all\n</Files>\n",
    "open/page.txt": "for all",
    "Procfile": "web: heroku-php-nginx\n",
}

REFUSED = (
    "/UP.PHP",
    "/x.inc",
    "/notes.sql",
    "/.user.ini",
    "/data/pages/secret.txt",
    "/data/.htaccess",
    "/inside/page.php",
    "/composer.json",
    "/Procfile",
    "/a.css/x.php",
    "/missing.php",
    "/%2euser.ini",
    "/data//pages/secret.txt",
    "/open/../data/pages/secret.txt",
)


@pytest.fixture(scope="module")
def location(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    app = tmp_path_factory.mktemp("php") / "pages"
    for name, text in FILES.items():
        file = app / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    built = cli("build", app, "--builder", "nix", "--pkgs", "debian", "--json")
    return Path(json.loads(built.stdout)["location"])


class Server:
    """The worker web, with where it listens and what it prints."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log

    def get(self, path: str) -> tuple[int, str]:
        return fetch(self.port, path, self.log)

    def asked(self, path: str, **headers: str) -> dict[str, object]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            said: dict[str, object] = json.loads(answer.read())
        return said

    def upload(self, size: int) -> tuple[int, str]:
        edge = "edge"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        body = head.encode() + b"x" * size + f"\r\n--{edge}--\r\n".encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=body)
        request.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""


@pytest.fixture(scope="module")
def server(location: Path) -> Iterator[Server]:
    port = free_port()
    env = {"PORT": str(port), "HOP3_STATE_DIR": "/tmp", "PHP_UPLOAD_LIMIT": "12M"}
    with started([*only_closure(location, env), str(location / "bin/web")], env=None) as log:
        fetch(port, "/", log)
        yield Server(port, log)


def test_the_interpreter_has_what_composer_json_asks_for(server: Server) -> None:
    said = server.asked("/")
    assert (said["release"], said["words"], said["zone"]) == ("8.4", "seven", "JST")


@pytest.mark.parametrize("path", REFUSED)
def test_source_and_what_is_closed_are_never_served(server: Server, path: str) -> None:
    status, text = server.get(path)
    assert HIDDEN not in text
    assert status == 404 or json.loads(text)["path"]


def test_what_is_no_file_is_asked_of_the_front_controller(server: Server) -> None:
    assert server.asked("/guests/7?a=b")["path"] == "/guests/7?a=b"
    assert server.asked("/index.php/more")["info"] == "/more"


def test_files_are_served_with_their_types(server: Server) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/a.css", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/css"
    assert server.get("/open/page.txt") == (200, "for all")


def test_the_proxy_in_front_says_who_asks(server: Server) -> None:
    said = server.asked("/", X_Forwarded_For="192.0.2.7", X_Forwarded_Proto="https", Proxy="evil")
    assert (said["ip"], said["https"]) == ("192.0.2.7", "on")
    assert not said["proxy"]


def test_one_setting_moves_every_limit_of_uploads(server: Server) -> None:
    status, text = server.upload(10 << 20)
    assert (status, json.loads(text)["files"]) == (200, {"f": [10 << 20, 0]})
    assert server.upload(24 << 20)[0] == 413


def test_errors_are_lines_of_the_log(server: Server) -> None:
    server.get("/?log=1")
    deadline = time.monotonic() + STARTS_WITHIN
    while "a line from error_log" not in server.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_asked_is_answered_before_the_end(location: Path, tmp_path: Path) -> None:
    port = free_port()
    env = {"PORT": str(port), "HOP3_STATE_DIR": str(tmp_path), "PATH": ""}
    log, answers = tmp_path / "log", list[tuple[int, str]]()
    with log.open("wb") as output:
        process = subprocess.Popen([location / "bin/web"], env=env, stdout=output, stderr=output)
    fetch(port, "/a.css", log)
    asking = threading.Thread(target=lambda: answers.append(fetch(port, "/slow.php", log)))
    asking.start()
    time.sleep(0.7)
    process.send_signal(signal.SIGTERM)
    asking.join(20)
    assert answers == [(200, "slow")]
    assert process.wait(20) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_the_end_of_php_is_the_end_of_the_worker(location: Path, tmp_path: Path) -> None:
    port = free_port()
    env = {"PORT": str(port), "HOP3_STATE_DIR": str(tmp_path), "PATH": ""}
    with (tmp_path / "log").open("wb") as output:
        process = subprocess.Popen([location / "bin/web"], env=env, stdout=output, stderr=output)
    fetch(port, "/a.css", tmp_path / "log")
    listed = subprocess.run(
        ["ps", "--ppid", str(process.pid), "-o", "pid=,args="], capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    (master,) = [line.split()[0] for line in listed.splitlines() if "php-fpm" in line]
    subprocess.run(["kill", "-KILL", master], check=True)
    assert process.wait(20) != 0
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_neither_composer_nor_a_compiler_is_in_the_closure(location: Path) -> None:
    names = [Path(path).name for path in closure(location)]
    assert not [name for name in names if "composer" in name or "gcc" in name or "python" in name]
