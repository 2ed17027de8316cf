"""A systemd host: what is refused before a release begins, two roots, and another user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from host import Host, why_not
from released import QUICK, artifact, trusting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")

SECOND = "/srv/second"

NOTEBOOK = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with open(os.environ["HOP3_STATE_DIR"] + "/visits", "a+") as file:
            file.write("x" if self.path == "/" else "")
            file.seek(0)
            visits = len(file.read())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{os.getuid()} {visits}".encode())

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
"""Answers with its user, and with how often / was asked for; it writes that down."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with Host.boot(tmp_path_factory.mktemp("refusing") / "host") as host:
        yield host


@pytest.fixture(scope="module")
def notebook(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workers = {
        "web": f"/usr/bin/python3 -S -c '{NOTEBOOK}'",
        "cron": "0 4 * * * /bin/true",
    }
    built = artifact(tmp_path_factory.mktemp("trees"), "one", workers=workers)
    host.copy_closure(built)
    deploy(host, built, "--listen", "8100")
    return built


def deploy(host: Host, built: Path, *options: str, status: int = 0) -> str:
    """Return what was said."""
    argv = ["hop3-nix", *trusting("deploy", built, "--name", "shop", *QUICK, *options)]
    return host.run(argv, status=status).stderr


def visit(host: Host, port: int = 8100) -> tuple[int, int]:
    """Return who answers, and how many visits there were."""
    user, visits = host.get("/", port)[1].split()
    return int(user), int(visits)


def releases(host: Host) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(
        host.run(["hop3-nix", "releases", "shop", "--json"]).stdout
    )
    return listed


def state_of(host: Host) -> dict[str, bytes]:
    """Return all that hop3-nix has written, but for what an app writes and the locks."""
    found = [*(host.files / "etc/systemd/system").rglob("hop3*")]
    found += (host.files / "var/lib/hop3/apps").rglob("*")
    found += (host.files / "srv").rglob("*")
    return {str(path): path.read_bytes() for path in found if path.is_file()}


@pytest.mark.parametrize(
    ("options", "message", "status"),
    [
        (["--limit", "MemoryMax=lots"], "the limit MemoryMax cannot be 'lots'", 65),
        (["--limit", "LimitNOFILES=1"], "LimitNOFILES=1 is no limit", 65),
        (["--env", "KEY=a\x1bb"], "KEY holds a control character, which systemd", 65),
        (["--user", "nobody-has-this-name"], "there is no user nobody-has-this-name", 65),
        (["--user", "www-data"], "to whom all that it has written belongs", 65),
        (["--scale", "web=51"], "51 instances, and the proxy knows 50", 69),
        (["--listen", "localhost:8101"], "localhost:8101: not [ADDRESS:]PORT", 65),
        (["--root", SECOND], "the apps that systemd runs are those in /var/lib/hop3", 65),
    ],
)
def test_what_is_refused_before_anything_is_touched(
    host: Host, notebook: Path, options: list[str], message: str, status: int
) -> None:
    user, visits = visit(host)
    before = state_of(host)
    said = deploy(host, notebook, *options, status=status)
    assert message in said
    assert state_of(host) == before
    assert visit(host) == (user, visits + 1)
    assert releases(host)[0]["state"] == "current"


def test_a_schedule_of_an_artifact_that_is_none(host: Host, notebook: Path, tmp_path: Path) -> None:
    workers = {"web": "/bin/sleep 1000", "cron": "0 25 * * * /bin/true"}
    built = artifact(tmp_path, "never", workers=workers)
    host.copy_closure(built)
    before = state_of(host)
    assert "'25' is not a hour" in deploy(host, built, status=65)
    assert state_of(host) == before
    assert notebook.exists()


def test_another_root_cannot_change_what_is_not_its_own(host: Host, notebook: Path) -> None:
    before = state_of(host)
    root = ("--root", SECOND)
    for command in (
        ("config", "set", "--name", "shop", "A=1", *root),
        ("destroy", "shop", "--yes", "--data", *root),
        ("stop", "shop", *root),
    ):
        refused = host.run(["hop3-nix", *command], status=65).stderr
        assert "it cannot have those in /srv/second as well" in refused
        assert "--manager supervisord" in refused
    assert state_of(host) == before
    assert visit(host)
    assert notebook.exists()


def test_another_root_with_a_supervisord_of_its_own(host: Host, notebook: Path) -> None:
    own = ("--root", SECOND, "--manager", "supervisord", "--listen", "8200")
    quota = (*own, "--scale", "cron=0", "--limit", "MemoryMax=1G")
    assert "supervisord cannot limit MemoryMax" in deploy(host, notebook, *quota, status=69)
    assert not (host.files / "srv/second/apps/shop/releases").exists()
    before = visit(host)
    deploy(host, notebook, *own, "--scale", "cron=0")
    user, visits = visit(host, 8200)
    assert (user not in {0, before[0]}, visits) == (True, 1)
    deploy(host, notebook)
    assert visit(host) == (before[0], before[1] + 1)
    host.run(["hop3-nix", "destroy", "shop", "--yes", "--root", SECOND])
    assert visit(host) == (before[0], before[1] + 2)


def test_another_user_gets_what_the_app_has_written(host: Host, notebook: Path) -> None:
    dynamic, visits = visit(host)
    www = int(host.run(["id", "-u", "www-data"]).stdout)
    refused = deploy(host, notebook, "--user", "www-data", status=65)
    assert "hop3-nix stop shop" in refused
    host.run(["hop3-nix", "stop", "shop"])
    deploy(host, notebook, "--user", "www-data")
    assert visit(host) == (www, visits + 1)
    state = host.files / "var/lib/hop3/state/shop"
    assert {path.stat().st_uid for path in (state, state / "visits")} == {www}
    deploy(host, notebook)
    assert visit(host) == (www, visits + 2)

    host.run(["hop3-nix", "stop", "shop"])
    deploy(host, notebook, "--user", "")
    user, count = visit(host)
    assert (user not in {0, www}, count) == (True, visits + 3)
    assert dynamic not in {0, www}


def test_a_user_whose_release_does_not_come_up_gives_it_back(
    host: Host, notebook: Path, tmp_path: Path
) -> None:
    before = visit(host)
    sick = artifact(tmp_path, "sick", workers={"web": "/bin/sh -c 'exit 3'"})
    host.copy_closure(sick)
    host.run(["hop3-nix", "stop", "shop"])
    assert "is stopped, as it was" in deploy(host, sick, "--user", "www-data", status=102)
    host.run(["hop3-nix", "start", "shop"])
    user, visits = visit(host)
    assert user != int(host.run(["id", "-u", "www-data"]).stdout)
    assert visits == before[1] + 1
    assert notebook.exists()
