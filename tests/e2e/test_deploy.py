"""The commands of a deployment, under supervisord and behind nginx."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from deploying import end_supervisord, wait_for
from released import PYTHON, QUICK, Root, artifact, artifact_tree, asking, deployments, get
from running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Cli

SICK: dict[str, Any] = {"workers": {"web": "/bin/sh -c 'echo cannot bind; exit 3'"}}
SLOW: dict[str, Any] = {"workers": {"web": "/bin/sleep 1000000"}}


class Shop(Root):
    """A root with one app, whose first release answers ``one``."""

    def __init__(self, root: Root, scratch: Path) -> None:
        super().__init__(root.directory)
        self.port = free_port()
        self.scratch = scratch
        one = artifact(scratch, "one")
        self("deploy", one, "--name", "shop", "--listen", str(self.port), *QUICK)

    def deploy(self, word: str, *options: str, status: int = 0, **runtime: Any) -> str:
        """Deploy an artifact that answers with ``word``; return what was said."""
        built = artifact(self.scratch, word, **runtime)
        return self("deploy", built, "--name", "shop", *options, status=status).stderr

    def pids(self) -> list[int]:
        """Return the processes of the workers."""
        return [one["pid"] for one in self.data("status", "shop")["workers"]]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with deployments(tmp_path / "root") as root:
        yield Shop(root, tmp_path / "trees")


def test_an_app_from_its_source_to_a_release(cli: Cli, state: Path, tmp_path: Path) -> None:
    app = tmp_path / "demo"
    shutil.copytree(ROOT / "examples/python-flask", app)
    with deployments(tmp_path / "root") as root:
        port = free_port()
        options = ("--listen", str(port), "--scale", "cron=0", *QUICK)
        done = root("deploy", app, "--name", "demo", *options, HOP3_NIX_STATE=str(state))
        assert done.stdout.startswith(f"release 1 of demo serves on {port} (")
        assert get(port)
        same = root("deploy", app, "--name", "demo", HOP3_NIX_STATE=str(state))
        assert same.stdout.startswith(f"release 2 of demo serves on {port}, in place of release 1")
        workers = root.data("status", "demo")["workers"]
        assert {one["worker"]: one["state"] for one in workers} == {
            "web": "running",
            "ticker": "running",
            "shout": "running",
        }
        assert any("ticker" in line for line in root("logs", "demo").stdout.splitlines())
    assert cli("inspect", app).stdout


@pytest.mark.parametrize("runtime", [SICK, SLOW], ids=["ends", "hangs"])
def test_a_release_that_does_not_come_up_costs_no_request(
    shop: Shop, runtime: dict[str, Any]
) -> None:
    before = shop.pids()
    with asking(shop.port) as failed:
        said = shop.deploy("two", "--health-timeout", "1", status=101, **runtime)
    assert not failed
    assert "release 2 of shop did not come up: web.1" in said
    assert "release 1 never stopped, and serves" in said
    assert shop.pids() == before
    past = shop.data("releases", "shop")
    assert [(one["release"], one["state"]) for one in past] == [(2, "failed"), (1, "current")]
    if runtime is SICK:
        assert "  cannot bind" in said
        assert "web.1 | cannot bind" in shop("logs", "shop", "--release", "2").stdout


def test_a_first_release_that_does_not_come_up(shop: Shop) -> None:
    sick = artifact(shop.scratch, "sick", **SICK)
    done = shop("deploy", sick, "--name", "other", status=102)
    assert "there was no release before it, and nothing runs" in done.stderr
    assert shop.data("status", "other")["state"] == "not deployed"
    shop("destroy", "other", "--yes")


def test_a_command_of_before_run_that_hangs(shop: Shop) -> None:
    said = shop.deploy(
        "two", "--before-run-timeout", "0.5", status=101, before_run=["/bin/sleep 1000000"]
    )
    assert "took longer than 0.5 s" in said
    assert get(shop.port) == "one"


def test_before_run_has_the_environment_of_the_workers(shop: Shop, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("TOKEN='it is \"secret\"'\n")
    secrets.chmod(0o600)
    line = 'echo "$TOKEN in $HOP3_STATE_DIR" && echo written >"$HOP3_STATE_DIR/file"'
    said = shop.deploy("two", "--env-file", str(secrets), before_run=[line])
    state = shop.directory / "apps/shop/state"
    assert f'before_run | it is "secret" in {state}' in said
    assert (state / "file").read_text() == "written\n"
    for file in shop.directory.rglob("*"):
        if file.is_file() and "secret" in file.read_text(errors="replace"):
            assert file.stat().st_mode & 0o077 == 0, f"others can read {file}"
    assert shop("config", "list", "--name", "shop").stdout == "TOKEN=********\n"
    shown = shop("config", "list", "--name", "shop", "--show").stdout
    assert shown == 'TOKEN=it is "secret"\n'


def test_variables_and_scale(shop: Shop) -> None:
    shop("config", "set", "--name", "shop", "WORD=changed")
    assert get(shop.port) == "changed"
    shop("config", "unset", "--name", "shop", "WORD")
    assert get(shop.port) == "one"
    shop("scale", "web=2", "mailer=0")
    workers = shop.data("status", "shop")["workers"]
    assert [one["worker"] for one in workers] == ["web", "web"]
    assert [one["reason"] for one in shop.data("releases", "shop")] == ["scale mailer=0 web=2"]


def test_a_variable_that_is_required(shop: Shop, tmp_path: Path) -> None:
    tree = tmp_path / "trees/required/shop"
    built = artifact(tmp_path / "trees", "required")
    (tree / "hop3/required.json").write_text('["TOKEN"]')
    before = shop.pids()
    done = shop("deploy", tree, "--name", "shop", status=78)
    assert "shop requires TOKEN, which is not set" in done.stderr
    assert shop.pids() == before
    shop("deploy", tree, "--name", "shop", "--env", "TOKEN=1")
    assert get(shop.port) == "required"
    assert built.exists()


def test_back_and_forth(shop: Shop) -> None:
    shop.deploy("two")
    assert get(shop.port) == "two"
    assert shop.data("rollback", "--name", "shop")["reason"] == "rollback to 1"
    assert get(shop.port) == "one"
    shop("rollback", "2")
    assert get(shop.port) == "two"


def test_stopped_and_started(shop: Shop) -> None:
    shop("stop")
    with pytest.raises(OSError, match="refused"):
        get(shop.port)
    shop("start")
    assert get(shop.port) == "one"


def test_started_again_after_the_machine_went_down(shop: Shop) -> None:
    end_supervisord(shop.directory, signal.SIGKILL)
    shop("start")
    assert get(shop.port) == "one"
    assert shop.data("status", "shop")["state"] == "running"


def test_a_worker_that_crashes_is_started_again(shop: Shop) -> None:
    web = shop.pids()[0]
    os.kill(web, signal.SIGKILL)

    def answers() -> bool:
        try:
            return get(shop.port) == "one"
        except OSError:
            return False

    wait_for(lambda: answers() and web not in shop.pids(), "started again")


def test_without_a_proxy(shop: Shop) -> None:
    port = free_port()
    shop.deploy("two", "--no-proxy", "--listen", str(port))
    assert get(port) == "two"
    said = shop.deploy("three", status=101, **SICK)
    assert "release 2 was started again, and serves" in said
    assert get(port) == "two"


def test_a_writable_tree_is_copied_once_for_each_artifact(shop: Shop) -> None:
    tree = shop.scratch / "two/shop"
    line = f"echo more >>{tree}/server.py"
    section: dict[str, Any] = {
        "writable_tree": str(tree),
        "working_dir": str(tree),
        "before_run": [line],
    }
    shop("deploy", artifact_tree(shop.scratch, "two", **section), "--name", "shop")
    copy = shop.directory / "apps/shop/state/tree-2/server.py"
    assert copy.read_text() == (tree / "server.py").read_text() + "more\n"
    shop("restart")
    assert not (shop.directory / "apps/shop/state/tree-3").exists()
    shop.deploy("three")
    shop("gc", "shop", "--keep", "1")
    assert not copy.exists()


def test_what_it_says_of_itself(shop: Shop) -> None:
    shown = shop("status").stdout
    assert shown.startswith("shop: running, release 1 since ")
    assert f"  listens on {shop.port}\n" in shown
    assert "mailer.1  running" in shown
    assert "1        current  " in shop("releases").stdout
    assert "the apps there: shop" in shop("status", "shpo", status=65).stderr.lower()


def test_an_app_that_is_destroyed(shop: Shop) -> None:
    assert "Nobody is there to ask" in shop("destroy", "shop", status=2).stderr
    done = shop("destroy", "shop", "--yes")
    state = shop.directory / "apps/shop/state"
    assert done.stdout == f"shop is gone; what it has written is kept in {state}\n"
    assert shop.data("status") == []
    shop("destroy", "shop", "--yes", status=65)


FAILS_LATER = """
import http.server, os, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/up" or os.environ["HOW"] == "ends" else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *arguments): pass
if os.environ.get("HOW") == "ends":
    threading.Timer(3, os._exit, [3]).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
server.serve_forever()
"""


@pytest.mark.parametrize(
    ("how", "problem"), [("ends", "ended"), ("500", "requests were answered with 500")]
)
def test_the_old_release_takes_over_again_when_the_new_one_fails_soon(
    shop: Shop, how: str, problem: str
) -> None:
    quoted = FAILS_LATER.replace('"', '\\"').replace("$", "\\$")
    web = f'{PYTHON} -S -c "{quoted}"'
    variables = {"WORD": "two", "HOW": how}
    with asking(shop.port):
        said = shop.deploy(
            "two", "--warm", "8", status=101, workers={"web": web}, env_vars=variables
        )
    assert "release 2 has taken over; release 1 stays warm" in said
    assert problem in said
    assert get(shop.port) == "one"
    past = shop.data("releases", "shop")
    assert [(one["release"], one["state"]) for one in past] == [(2, "failed"), (1, "current")]


def test_a_proxy_whose_first_process_was_killed_comes_back(shop: Shop) -> None:
    def master() -> int:
        return int((shop.directory / "apps/hop3-proxy/state/nginx.pid").read_text())

    os.kill(master(), signal.SIGKILL)

    def answers() -> bool:
        try:
            return get(shop.port) == "one"
        except OSError:
            return False

    wait_for(lambda: Path(f"/proc/{master()}").exists() and answers(), "back")
    shop.deploy("two", *QUICK)
    assert get(shop.port) == "two"
