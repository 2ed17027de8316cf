"""WORKER=N: the same reading, and the same refusal, wherever it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.cli.group import run
from hop3_nix.errors import ExitCode
from hop3_nix.workers.counts import CountError, read_counts

if TYPE_CHECKING:
    from pathlib import Path


def test_of_one_worker_the_last_count_holds() -> None:
    assert read_counts(["web=2, worker=0", "web=3"]) == {"web": 3, "worker": 0}


@pytest.mark.parametrize(
    "text", ["web", "web=", "=1", "web=-1", "web=x", "web=\u00b2", "web=1,,x=2", "", "web=99999"]
)
def test_what_is_not_worker_and_number_is_refused(text: str) -> None:
    with pytest.raises(CountError, match="not WORKER=N"):
        read_counts([text])


@pytest.mark.parametrize("command", ["run", "deploy", "scale"])
def test_every_command_refuses_it_alike_and_before_all_else(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = ["--root", str(tmp_path)]
    arguments = {
        "run": ["run", str(tmp_path), "--scale", "web"],
        "deploy": ["deploy", str(tmp_path), *root, "--scale", "web"],
        "scale": ["scale", *root, "web"],
    }
    assert run(arguments[command]) == ExitCode.BAD_INPUT
    assert "web: not WORKER=N" in capsys.readouterr().err
