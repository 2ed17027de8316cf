"""The first process of a container, as the first of a space of processes of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import ROOT

BASH = shutil.which("bash") or ""
ENV = shutil.which("env") or ""


@pytest.fixture
def argv(tmp_path: Path) -> list[str]:
    """Return what starts the script as process 1."""
    text = (ROOT / "nix/lib/image/enter.sh").read_text()
    for name, value in {
        "bundle": str(tmp_path),
        "port": "8000",
        "env": ENV,
        "writable": "",
    }.items():
        text = text.replace(f"@{name}@", value)
    (tmp_path / "bin").mkdir()
    script = tmp_path / "hop3-start"
    script.write_text(f"#!{BASH}\n{text}")
    script.chmod(0o755)
    return ["unshare", "--user", "--pid", "--fork", "--kill-child", "--mount-proc", str(script)]


def worker(directory: Path, body: str) -> None:
    file = directory / "bin/web"
    file.write_text(f"#!{BASH}\n{body}\n")
    file.chmod(0o755)


def ran(argv: list[str], *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        [*argv, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_an_empty_port_is_none(argv: list[str], tmp_path: Path) -> None:
    worker(tmp_path, 'echo "$PORT $1"')
    assert ran(argv, "web", "more", PORT="").stdout == "8000 more\n"
    assert ran(argv, "web", "more", PORT="81").stdout == "81 more\n"


def test_it_ends_as_its_worker_does(argv: list[str], tmp_path: Path) -> None:
    worker(tmp_path, "exit 7")
    assert ran(argv, "web").returncode == 7


def test_a_worker_that_there_is_not_is_refused(argv: list[str]) -> None:
    for arguments in ([], ["other"], ["../bin/web"]):
        done = ran(argv, *arguments)
        assert done.returncode == 64
        assert "there is no worker" in done.stderr


def test_what_is_orphaned_is_reaped(argv: list[str], tmp_path: Path) -> None:
    worker(
        tmp_path,
        "for each in 1 2 3; do (sleep 0.1 & ) ; done\n"
        "sleep 1\n"
        'for each in /proc/[0-9]*/stat; do read -r said <"$each"; case $said in '
        '*") Z "*) echo "$said" ;; esac; done 2>/dev/null; echo looked',
    )
    assert ran(argv, "web").stdout == "looked\n"


def test_temporary_files_go_where_it_can_write(argv: list[str], tmp_path: Path) -> None:
    worker(tmp_path, 'echo "$TMPDIR $HOP3_STATE_DIR $HOME"')
    place = tmp_path / "place"
    place.mkdir()
    missing = str(tmp_path / "missing")
    said = ran(argv, "web", TMPDIR=str(place), HOP3_STATE_DIR=missing, HOME=missing)
    assert said.stdout == f"{place} {place} {place}\n"
    assert f"cannot write to {missing}" in said.stderr
    assert "mount a volume" in said.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP])
def test_signals_reach_a_program_that_asks_for_none(
    argv: list[str], tmp_path: Path, number: signal.Signals
) -> None:
    script = "import time; print('started', flush=True); time.sleep(60)"
    worker(tmp_path, f'exec {sys.executable} -c "{script}"')
    process = subprocess.Popen([*argv, "web"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        first = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
        os.kill(first, number)
        began = time.monotonic()
        process.wait(timeout=20)
        assert time.monotonic() - began < 5
        assert process.returncode == 128 + number
    finally:
        process.kill()
        process.wait()
        process.communicate()
