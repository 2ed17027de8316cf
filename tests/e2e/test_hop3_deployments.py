"""The whole path of a deployment on hop3-server, with hop3-nix and with the server's LocalBuilder.

What the server hands to uWSGI is started as it would be, by a user who owns the app alone.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hop3host import ROOT
from running import fetch, free_port, started

if TYPE_CHECKING:
    from hop3host import Server

USER = 65534
AS_USER = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--")

HITS = """\
import http.server
import os
import sqlite3
from pathlib import Path

DB = Path(__file__).parent / "hits.sqlite3"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with sqlite3.connect(DB) as db:
            db.execute("insert into hits default values")
            text = f"hit {db.execute('select count(*) from hits').fetchone()[0]}"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())


http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

MIGRATE = """\
import sqlite3
from pathlib import Path

db = sqlite3.connect(Path(__file__).parent / "hits.sqlite3")
db.execute("create table hits (id integer primary key)")
"""

TIDY = """\
import sqlite3

db = sqlite3.connect("hits.sqlite3", isolation_level=None)
db.execute("delete from hits")
"""

WEB = "python app.py"
FILES = {"app.py": HITS, "migrate.py": MIGRATE, "tidy.py": TIDY, "requirements.txt": ""}


def deployed(server: Server, name: str, files: dict[str, str]) -> Any:
    return server.drive(server.app(name, files), "deploy", str(USER))


def answers(done: Any, become: tuple[str, ...] = AS_USER) -> list[tuple[int, str]]:
    """Start the web worker as uWSGI does, and return what it answers to two requests."""
    (line,) = done["vassals"]["web.1.ini"]["attach-daemon"]
    port = int(re.search(r"export PORT='(\d+)'", line)[1])  # type: ignore[index]
    with started([*become, "sh", "-c", f"exec {line}"]) as log:
        return [fetch(port, "/", log), fetch(port, "/", log)]


@pytest.fixture(scope="module")
def stock(server: Server) -> list[tuple[int, str]]:
    """Return what the app answers when the server's LocalBuilder has built it."""
    toml = '[build]\nbuilder = "local"\n'
    procfile = f"prerun: python migrate.py\nweb: {WEB}\n"
    files = {**FILES, "hop3.toml": toml, "Procfile": procfile}
    done = deployed(server, "stock", files)
    assert done["artifact"]["builder"] == "local"
    # Its virtual environment has the Python of these tests, which may be in a home of root's.
    return answers(done, become=())


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("prerun", {"Procfile": f"prerun: python migrate.py\nweb: {WEB}\n"}),
        ("released", {"Procfile": f"release: python migrate.py\nweb: {WEB}\n"}),
        (
            "start",
            {"hop3.toml": f'[run]\nstart = "{WEB}"\nbefore-run = "python migrate.py"\n'},
        ),
    ],
)
def test_an_app_that_writes_beside_its_code_answers_as_on_a_stock_server(
    server: Server, stock: list[tuple[int, str]], name: str, files: dict[str, str]
) -> None:
    done = deployed(server, name, FILES | files)
    location = done["artifact"]["location"]
    assert done["artifact"]["builder"] == "nix"
    assert done["artifact"]["runtime"]["workers"] == {"web": f"{location}/bin/web"}
    assert answers(done) == stock == [(200, "hit 1"), (200, "hit 2")]


def test_settings_are_written_at_start_where_the_app_runs(server: Server) -> None:
    app = HITS.replace('f"hit {', 'open("conf/app.ini").read() + f"hit {')
    toml = """\
[env]
KEY = { generate = "hex", length = 4 }
[nix]
writable-home-at-runtime = true
[nix.at-start]
before.web = ["python migrate.py"]
[[nix.at-start.files]]
path = "conf/app.ini"
format = "ini"
content.port = "${PORT}"
content.key = "${KEY:-none}"
"""
    files = {"app.py": app, "hop3.toml": toml, "Procfile": f"web: {WEB}\n"}
    first, _ = answers(deployed(server, "settings", FILES | files))
    assert re.fullmatch(r"port = \d+\nkey = [0-9a-f]{8}\nhit 1", first[1])


def test_a_worker_at_set_times_is_the_one_that_a_server_knows(server: Server) -> None:
    procfile = f"prerun: python migrate.py\nweb: {WEB}\ncron-tidy: */5 4 * * * python tidy.py\n"
    done = deployed(server, "cron", FILES | {"Procfile": procfile})
    assert sorted(done["vassals"]) == ["cron.1.ini", "web.1.ini"]
    assert answers(done)[1] == (200, "hit 2")
    vassal = done["vassals"]["cron.1.ini"]
    *times, command = vassal["cron"][0].split(" ")
    assert times == ["-5", "4", "-1", "-1", "-1"]
    env = dict(each.split("=", 1) for each in vassal["env"])
    subprocess.run([*AS_USER, "sh", "-c", command], env=env, cwd=vassal["chdir"][0], check=True)
    with sqlite3.connect(Path(vassal["chdir"][0]) / "hits.sqlite3") as db:
        assert db.execute("select count(*) from hits").fetchone() == (0,)


def test_what_a_server_could_not_run_at_set_times_ends_the_deployment(server: Server) -> None:
    lines = ["cron: 0 4 * * * python tidy.py", "cron-more: 0 5 * * * python tidy.py"]
    two = FILES | {"Procfile": "\n".join([f"web: {WEB}", *lines, ""])}
    assert "Procfile:3: " in deployed(server, "two-crons", two)["abort"]
    ranged = FILES | {"Procfile": f"web: {WEB}\ncron-x: 0-9 4 * * * python tidy.py\n"}
    assert "Procfile:2: " in deployed(server, "ranged", ranged)["abort"]


def test_a_module_for_the_servers_uwsgi_is_left_to_its_own_builder(server: Server) -> None:
    source = server.app("module", FILES | {"Procfile": "wsgi: app:app\n"})
    assert server.drive(source, "choose")["builder"] == "LocalBuilder"


def test_a_site_is_served_by_the_proxy_as_on_a_stock_server(server: Server) -> None:
    pages = {}
    for name, builder in [("site", ""), ("site-stock", '[build]\nbuilder = "local"\n')]:
        source = server.app(name, ROOT / "examples" / "static-site")
        if builder:
            (source / "hop3.toml").write_text(builder)
        done = server.drive(source, "deploy", str(USER))
        assert (done["runtime"], done["artifact"]["kind"], done["vassals"]) == (
            "static",
            "static",
            {},
        )
        assert list(done["artifact"]["runtime"]["workers"]) == ["static"]
        port = free_port()
        serve = [sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1", "-d"]
        # The proxy takes it relative to the source, too.
        with started([*serve, str(source / done["address"])]) as log:
            pages[name] = fetch(port, "/", log)
    assert pages["site"] == pages["site-stock"]
    assert pages["site"][0] == 200
