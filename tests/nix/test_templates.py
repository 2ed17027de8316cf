"""``[nix] template``: one small recipe each, fetched, built by Nix, started and asked over HTTP."""

from __future__ import annotations

import base64
import functools
import hashlib
import http.server
import io
import json
import os
import subprocess
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import COMMAND
from running import fetch, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Cli

SERVER_C = r"""
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char text[4096] = "", all[5000];
  FILE *file = fopen(argv[1], "r");
  if (file) text[fread(text, 1, sizeof text - 1, file)] = 0;
  struct sockaddr_in at = {AF_INET, htons(atoi(getenv("PORT"))), {htonl(INADDR_LOOPBACK)}};
  int one = 1, door = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(door, (struct sockaddr *)&at, sizeof at) || listen(door, 9)) return 1;
  for (;;) {
    int caller = accept(door, 0, 0);
    read(caller, all, sizeof all);
    dprintf(caller, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(text), text);
    close(caller);
  }
}
"""
NODE = """
const fs = require("fs"), http = require("http");
http.createServer((_, answer) => answer.end(fs.readFileSync("config.yml")))
  .listen(process.env.PORT, "127.0.0.1");
"""
PYTHON = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (os.environ["GREETING"] + open("data/x").read()).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def tar_gz(files: dict[str, bytes]) -> bytes:
    """Return an archive with everything in it executable."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a program that needs nothing, and serves the file that it is given."""
    directory = tmp_path_factory.mktemp("program")
    (directory / "server.c").write_text(SERVER_C)
    subprocess.run(["gcc", "-static", "-w", "server.c", "-o", "server"], cwd=directory, check=True)
    return (directory / "server").read_bytes()


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Yield a directory, and the address under which its files can be fetched."""
    directory = tmp_path_factory.mktemp("upstream")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield directory, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Recipes:
    """Recipes whose source is fetched from this machine."""

    def __init__(self, cli: Cli, upstream: tuple[Path, str], state: Path, path: Path) -> None:
        self._cli = cli
        self._state = state
        self._files, self._address = upstream
        self._path = path

    def source(self, name: str, content: bytes) -> str:
        """Return the keys that have ``content`` fetched."""
        (self._files / name).write_bytes(content)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        return f'url = "{self._address}/{name}"\nsha256 = "{digest}"\n'

    def answers(self, recipe: str, files: dict[str, str] | None = None, page: str = "/") -> str:
        """Return what the app answers that ``recipe`` makes."""
        app = self._path / "app"
        app.mkdir()
        (app / "hop3.toml").write_text(f"[nix]\n{recipe}")
        for name, text in (files or {}).items():
            (app / name).write_text(text)
        built = json.loads(self._cli("build", app, "--builder", "nix", "--json").stdout)
        port = free_port()
        env = {
            **os.environ,
            "PORT": str(port),
            "HOP3_STATE_DIR": str(self._path / "state"),
            "HOP3_NIX_STATE": str(self._state),
        }
        with started([str(COMMAND), "exec", "web", built["location"]], env=env) as log:
            status, text = fetch(port, page, log)
        assert status == 200
        return text


@pytest.fixture
def recipes(cli: Cli, upstream: tuple[Path, str], state: Path, tmp_path: Path) -> Recipes:
    return Recipes(cli, upstream, state, tmp_path)


def test_prebuilt_binary(recipes: Recipes, program: bytes) -> None:
    recipe = f"""
template = "prebuilt-binary"
binary-name = "server"
exec-args = ["./app.ini"]
{recipes.source("server", program)}
[[nix.config-files]]
path = "app.ini"
format = "ini"
sections.http = {{ port = "${{PORT:-1}}", name = "${{NAME:-none}}" }}
"""
    assert "[http]\nport = " in (text := recipes.answers(recipe))
    assert "name = none\n" in text


def test_prebuilt_archive(recipes: Recipes, program: bytes) -> None:
    archive = tar_gz({"wrap/bin/server": program, "wrap/share/page": b"of the archive"})
    recipe = f"""
template = "prebuilt-archive"
archive = "tar-gz"
exec-target = "server"
exec-args = ['"$PAGE"']
{recipes.source("server.tar.gz", archive)}
[nix.local-vars]
PAGE = "SHAREDIR/pages/page"
[[nix.file-mappings]]
source = "wrap/bin/*"
destination = "bin/"
[[nix.file-mappings]]
source = "wrap/share"
destination = "share/app/pages"
"""
    assert recipes.answers(recipe) == "of the archive"


def test_node_prebuilt(recipes: Recipes) -> None:
    archive = tar_gz({"server/index.js": NODE.encode()})
    recipe = f'''
template = "node-prebuilt"
archive = "tar-gz"
unpack-without-top-level = true
exec-target = "server/index.js"
pre-exec = ["""
# Links into the working directory
for item in server none; do
  [ ! -e APPDIR/$item ] || ln -sfn APPDIR/$item $item
done"""]
{recipes.source("node.tar.gz", archive)}
[[nix.config-files]]
path = "config.yml"
raw-content = "port: $PORT"
'''
    assert recipes.answers(recipe).startswith("port: ")


def test_php_app_of_one_file(recipes: Recipes) -> None:
    recipe = f"""
template = "php-app"
php-extensions = ["mbstring"]
single-file = true
extra-paths = ["${{php}}/bin"]
{recipes.source("one.php", b"<?php echo strtoupper(getenv('GREETING'));")}
[nix.runtime-env]
GREETING = "hello"
"""
    assert recipes.answers(recipe) == "HELLO"


def test_php_app_that_writes_beside_its_code(recipes: Recipes) -> None:
    page = b"<?php file_put_contents('up/x', 'kept'); echo file_get_contents('up/x'), S;"
    archive = zipped({"shop/web/index.php": b"<?php chdir('..'); require 'config.php';" + page[5:]})
    recipe = f"""
template = "php-app"
archive = "zip"
source-root = "shop"
web-root = "web"
needs-writable-dir = true
post-install-dirs = ["up"]
pre-exec = ["test -d up"]
{recipes.source("shop.zip", archive)}
[[nix.config-files]]
path = "config.php"
raw-content = "<?php const S = '\\\\$${{NAME:-x}}';"
"""
    assert recipes.answers(recipe) == "kept$x"


def test_nixpkgs_wrapper(recipes: Recipes) -> None:
    recipe = """
template = "nixpkgs-wrapper"
nixpkgs-package = "python313"
exec-target = "python3"
exec-args = ["-m", "http.server", "--bind", "127.0.0.1", '"$PORT"']
[nix.local-vars]
KEY = "${KEY:-$(head -c 12 /dev/urandom | base64)}"
[nix.runtime-env]
HOME_OF_IT = "${pkg}/bin"
[[nix.config-files]]
path = "page"
raw-content = "${KEY} $HOME_OF_IT"
"""
    key, place = recipes.answers(recipe, page="/page").split(" ")
    assert len(base64.b64decode(key)) == 12
    assert Path(place, "python3").exists()


def test_python_venv(recipes: Recipes) -> None:
    recipe = """
template = "python-venv"
pip-requirements = "requirements.txt"
exec-target = "python"
exec-args = ["app.py"]
extra-paths = ["$out/venv/bin"]
pre-exec = ["mkdir -p data", "echo ' started' >data/x"]
[[nix.conditional-env]]
name = "GREETING"
value = "hello"
"""
    files = {"requirements.txt": "", "app.py": PYTHON}
    assert recipes.answers(recipe, files) == "hello started\n"


def test_what_the_archive_lacks_is_named(cli: Cli, recipes: Recipes, tmp_path: Path) -> None:
    recipe = f"""
template = "prebuilt-archive"
archive = "tar-gz"
exec-target = "x"
file-mappings = [{{ source = "bin/x", destination = "bin/" }}]
{recipes.source("other.tar.gz", tar_gz({"doc/x": b""}))}
"""
    (tmp_path / "hop3.toml").write_text(f"[nix]\n{recipe}")
    done = cli("build", tmp_path, "--builder", "nix", status=None)
    assert done.returncode != 0
    assert "the archive has no bin/x; it has doc" in done.stderr
