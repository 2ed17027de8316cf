"""A build without Nix, deployed: later builds leave it alone until no release needs it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploying import wait_for
from hop3_nix.builders.releases import KEPT, KEPT_BY
from host import Host, why_not
from released import QUICK, SERVER, deployments, get
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from released import Root


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


def write_server(app: Path, word: str) -> None:
    (app / "server.py").write_text(SERVER.replace("os.environ['WORD']", repr(word)))


def build(root: Root, app: Path, word: str) -> Path:
    """Build ``app`` so that it answers with ``word``, and return the release directory."""
    write_server(app, word)
    return Path(root("build", app, "--builder", "local").stdout.strip())


def marks(release: Path) -> Path:
    """Return where what keeps ``release`` stands."""
    return release.parents[1] / KEPT_BY / release.name


def test_a_deployed_build_outlives_later_ones(root: Root, app: Path) -> None:
    port = free_port()
    one = build(root, app, "one")
    listen = ("--name", "demo", "--listen", str(port), *QUICK)
    done = root("deploy", app, "--no-build", *listen)
    assert done.stdout.startswith(f"release 1 of demo serves on {port} (")
    assert get(port) == "one"
    assert [mark.resolve() for mark in marks(one).iterdir()] == [root.directory / "apps/demo"]

    others = [build(root, app, f"other {number}") for number in range(1, KEPT + 1)]
    assert all(path.exists() for path in (one, *others))
    root("restart", "demo")
    assert get(port) == "one"

    root("deploy", app, "--builder", "local", "--name", "demo")
    assert get(port) == f"other {KEPT}"
    root("rollback", "--name", "demo")
    assert get(port) == "one"
    root("rollback", "--name", "demo")
    assert get(port) == f"other {KEPT}"

    root("gc", "demo", "--keep", "1")
    assert not list(marks(one).iterdir())
    build(root, app, "last")
    assert not one.exists()
    assert others[-1].exists()
    assert get(port) == f"other {KEPT}"

    root("destroy", "demo", "--yes")
    assert not list(marks(others[-1]).iterdir())


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "nothing is missing")
def test_a_build_on_a_systemd_host_that_has_it_in_a_home(app: Path, tmp_path: Path) -> None:
    write_server(app, "from here")
    with Host.boot(tmp_path / "host") as host:
        host.copy_tree(app, "/srv/demo")
        argv = ["hop3-nix", "deploy", "/srv/demo", "--builder", "local", "--listen", "80", *QUICK]
        assert "release 1 of demo serves on 80" in host.run(argv).stdout
        assert host.get("/") == (200, "from here")
        location = json.loads(host.run(["hop3-nix", "status", "--json"]).stdout)[0]["location"]
        assert location.startswith("/root/")
        host.reboot()

        def answers() -> bool:
            with suppress(OSError):
                return host.get("/") == (200, "from here")
            return False

        wait_for(answers, "serving after the boot")
