"""Builds that fail, or that are stopped: what was there before stays what it was."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from refusing import COMMAND, content, kept_content, temporary_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from refusing import Refuse

NIX = ("--builder", "nix", "--pkgs", "debian")
LOCAL = ("--builder", "local")
BUILDERS = pytest.mark.parametrize("options", [NIX, LOCAL], ids=["nix", "local"])
BAD_INPUT, BUILD_FAILED, INTERRUPTED = 65, 100, 130
PATIENCE = 60.0
"""Seconds for what takes one on a machine that has nothing else to do."""


def build(refuse: Refuse, app: Path, *options: str) -> str:
    """Build what must stay the artifact, and return where it is."""
    done = subprocess.run(
        [COMMAND, "build", app, *options],
        env=refuse.environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def give_step(app: Path, step: str) -> None:
    """Give the application one build step."""
    (app / "hop3.toml").write_text(f"[build]\nbuild = [{json.dumps(step)}]\n")


# Programs that are not there.


@BUILDERS
def test_a_worker_names_a_program_that_is_not_there(
    refuse: Refuse, app: Path, options: tuple[str, ...]
) -> None:
    build(refuse, app, *options)
    (app / "Procfile").write_text("# workers\nweb: pyhton main.py\n")
    says, tip = "", "add the package that has it to the lockfile, or to `packages` under [run]"
    refusal = refuse("build", app, *options, code=BUILD_FAILED, says=says, tip=tip, app=app)
    assert "worker web (Procfile:2): there is no program pyhton" in refusal.error
    assert "nearest names: python" in refusal.error
    assert "The full log: " in refusal.error


@BUILDERS
def test_every_program_of_every_line_is_looked_for(
    refuse: Refuse, app: Path, options: tuple[str, ...]
) -> None:
    (app / "hop3.toml").write_text(
        '[run]\nbefore-run = "migrate-all"\n\n[run.workers]\n'
        'web = "python main.py"\nqueue = "python main.py && exec dequeue"\n'
    )
    says, tip = "", "there is no program migrate-all"
    refusal = refuse("build", app, *options, code=BUILD_FAILED, says=says, tip=tip, app=app)
    assert "worker queue (hop3.toml:6): there is no program dequeue" in refusal.error


# Steps that fail.


@BUILDERS
def test_a_build_step_that_fails_is_shown_with_what_it_printed(
    refuse: Refuse, app: Path, options: tuple[str, ...]
) -> None:
    build(refuse, app, *options)
    give_step(app, "echo the reason >&2; exit 3")
    says, tip = "", "The full log: "
    refusal = refuse("build", app, *options, code=BUILD_FAILED, says=says, tip=tip, app=app)
    assert "\n  the reason\n" in refusal.error
    log = Path(refusal.error.partition("The full log: ")[2].strip())
    assert "the reason" in log.read_text()


@BUILDERS
def test_an_out_link_does_not_replace_what_is_there(
    refuse: Refuse, app: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    says = f"{taken}: there is something else where the link to the result would go"
    command: tuple[str | Path, ...] = ("build", app, *options, "--out-link", taken)
    refuse(*command, code=BAD_INPUT, says=says, tip="Move it away", app=app)
    assert taken.read_text() == "mine"


# Builds that are stopped.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@BUILDERS
def test_a_stopped_build_leaves_what_was_there_and_no_process(
    refuse: Refuse, app: Path, options: tuple[str, ...], number: signal.Signals
) -> None:
    link = app.parent / "result"
    location = build(refuse, app, *options, "--out-link", str(link))
    marker = f"{time.time_ns() % 10**7 + 1000}.5"
    give_step(app, f"sleep {marker}")
    kept = [kept_content(refuse.state), content(app)]
    with running(refuse, "build", app, *options, "--out-link", link) as process:
        wait_until(lambda: bool(sleeping(marker)))
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == INTERRUPTED
    assert said.endswith(
        "error: stopped before the build was done\n"
        "  The artifact of the build before is still the one in use.\n"
    )
    assert "Traceback" not in said
    wait_until(lambda: not sleeping(marker))
    assert [kept_content(refuse.state), content(app)] == kept
    assert str(link.readlink()) == location
    assert temporary_files(refuse.state) == []
    assert content(refuse.scratch) == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_locking_leaves_no_lockfile(
    refuse: Refuse, app: Path, silent_index: Silent, number: signal.Signals
) -> None:
    (app / "requirements.txt").write_text("lonelib\n")
    settings = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": silent_index.address,
        "no_proxy": "*",
    }
    locking = replace(refuse, env=settings)
    before = content(app)
    with running(locking, "lock", app, "--pkgs", "debian") as process:
        wait_until(silent_index.asked.is_set)
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == INTERRUPTED
    assert said.endswith("interrupted\n")
    assert "Traceback" not in said
    wait_until(lambda: not processes("cmdline", str(refuse.scratch)))
    assert content(app) == before
    assert content(refuse.scratch) == {}


class Silent(NamedTuple):
    """An index that takes requests and does not answer them, and whether there was one."""

    address: str
    asked: threading.Event


@pytest.fixture
def silent_index() -> Iterator[Silent]:
    over, asked = threading.Event(), threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            over.wait()

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Silent(f"http://127.0.0.1:{server.server_port}/simple/", asked)
        finally:
            over.set()
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def running(refuse: Refuse, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Give the command while it runs; at the end it is made to end."""
    with subprocess.Popen(
        [COMMAND, *arguments],
        env=refuse.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def sleeping(marker: str) -> list[str]:
    """Return the processes that sleep for ``marker`` seconds."""
    return processes("cmdline", f"sleep\0{marker}\0")


def processes(file: str, text: str) -> list[str]:
    """Return the processes in whose ``file`` of proc(5) ``text`` stands."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if text.encode() in process.joinpath(file).read_bytes():
                found.append(process.name)
    return found
