"""A build without Nix, deployed: later builds leave it alone until no release needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hop3_nix.builders.releases import KEPT, KEPT_BY
from released import QUICK, deployments, get
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from released import Root

SERVER = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

WORD = {word!r}

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(WORD.encode())

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Root]:
    monkeypatch.setenv("HOP3_NIX_STATE", str(tmp_path / "state"))
    with deployments(tmp_path / "root") as root:
        yield root


@pytest.fixture
def app(tmp_path: Path) -> Path:
    tree = tmp_path / "demo"
    tree.mkdir()
    (tree / "requirements.txt").write_text("")
    (tree / "Procfile").write_text("web: python server.py\n")
    return tree


def build(root: Root, app: Path, word: str) -> Path:
    """Build ``app`` so that it answers with ``word``, and return the release directory."""
    (app / "server.py").write_text(SERVER.format(word=word))
    return Path(root("build", app, "--builder", "local").stdout.strip())


def test_a_deployed_build_outlives_later_ones(root: Root, app: Path) -> None:
    port = free_port()
    one = build(root, app, "one")
    listen = ("--name", "demo", "--listen", str(port), *QUICK)
    done = root("deploy", app, "--no-build", *listen)
    assert done.stdout.startswith(f"release 1 of demo serves on {port} (")
    assert get(port) == "one"
    assert [mark.resolve() for mark in (one / KEPT_BY).iterdir()] == [root.directory / "apps/demo"]

    others = [build(root, app, f"other {number}") for number in range(KEPT + 1)]
    assert [path.exists() for path in (one, *others)] == [True, False, True, True, True]
    root("restart", "demo")
    assert get(port) == "one"

    root("deploy", app, "--builder", "local", "--name", "demo")
    assert get(port) == f"other {KEPT}"
    root("rollback", "--name", "demo")
    assert get(port) == "one"
    root("rollback", "--name", "demo")
    assert get(port) == f"other {KEPT}"

    root("gc", "demo", "--keep", "1")
    assert not list((one / KEPT_BY).iterdir())
    build(root, app, "last")
    assert not one.exists()
    assert others[-1].exists()
    assert get(port) == f"other {KEPT}"

    root("destroy", "demo", "--yes")
    assert not list((others[-1] / KEPT_BY).iterdir())
