"""A scheduled command that runs while a release replaces another one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from conftest import COMMAND
from deploying import processes, supervisord_pid, wait_for
from faulty import JOB, by_python
from released import QUICK, Root, artifact, deployments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    with deployments(tmp_path_factory.mktemp("jobs") / "root") as root:
        yield root


def job(directory: Path, word: str) -> Path:
    workers = {"cron-tidy": f"* * * * * {by_python(JOB)}", "mailer": "/bin/sleep 1000000"}
    return artifact(directory, word, workers=workers, healthcheck_path="")


def test_it_ends_with_its_own_release_or_when_its_time_is_up(root: Root, tmp_path: Path) -> None:
    notes = root.directory / "apps/shop/state/jobs"

    def said() -> list[str]:
        return notes.read_text().splitlines() if notes.exists() else []

    root("deploy", job(tmp_path, "one"), "--name", "shop", "--env", "SECONDS=1000", *QUICK)
    wait_for(lambda: said() == ["began one"], "began", 90)
    with subprocess.Popen(
        [COMMAND, "deploy", "--trust-artifact", job(tmp_path, "two"), "--name", "shop", *QUICK],
        env=root.env,
        stderr=subprocess.PIPE,
        text=True,
    ) as deploying:
        assert deploying.stderr
        stderr = deploying.stderr
        wait_for(lambda: "still runs: 300 s" in stderr.readline(), "waited for")
        assert said() == ["began one"]
        (notes.parent / "end").touch()
        assert deploying.wait() == 0
    assert said() == ["began one", "ended one"]
    (notes.parent / "end").unlink()
    wait_for(lambda: said()[2:] == ["began two"], "the next release keeps the times", 90)
    broken = artifact(tmp_path, "broken", workers={"mailer": "/bin/false"})
    root("deploy", broken, "--name", "shop", *QUICK, status=101)
    assert said()[2:] == ["began two"]  # and goes on
    done = root("deploy", job(tmp_path, "three"), "--name", "shop", "--job-timeout", "1", *QUICK)
    assert "cron-tidy.1 of release 2 did not end within 1 s" in done.stderr
    assert said()[2:4] == ["began two", "stopped"]


def test_nothing_is_left_of_what_is_destroyed(root: Root) -> None:
    root("destroy", "shop", "--yes", "--data")
    assert supervisord_pid(root.directory) is None
    assert processes(str(root.directory)) == []
    left = [path for path in root.directory.rglob("*shop*") if path.is_file()]
    assert {path.parent.name for path in left} <= {"logs", "locks"}
