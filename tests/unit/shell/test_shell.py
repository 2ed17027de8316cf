"""Applications that are shell scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.config import load_config
from hop3_nix.errors import SourceError
from hop3_nix.plan import Target
from hop3_nix.source import Source
from hop3_nix.toolchains.composition import Composition

if TYPE_CHECKING:
    from pathlib import Path

TARGET = Target(system="x86_64-linux", package_set="example", offers=())


def workers(root: Path) -> dict[str, str]:
    source = Source.open(root)
    plan = Composition.of(source, load_config(source)).plan(TARGET)
    assert plan.toolchain == "shell"
    return plan.runtime.workers


def test_start_sh_is_run_by_its_first_line_or_by_bash(tmp_path: Path) -> None:
    script = tmp_path / "start.sh"
    script.write_text("#!/bin/sh\nexec true\n")
    assert workers(tmp_path) == {"web": "bash start.sh"}
    script.chmod(0o755)
    assert workers(tmp_path) == {"web": "./start.sh"}


@pytest.mark.parametrize("line", ["./bin/serve $PORT", "bash -e bin/serve", "cd bin && sh serve"])
def test_a_worker_that_runs_a_script_of_the_tree_makes_it_one(tmp_path: Path, line: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/serve").write_text("#!/bin/sh\n")
    (tmp_path / "Procfile").write_text(f"web: {line}\n")
    assert workers(tmp_path) == {"web": line}


@pytest.mark.parametrize("line", ["gunicorn app:app", "bash -c 'echo'", "./missing.sh"])
def test_a_worker_that_runs_none_does_not(tmp_path: Path, line: str) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "Procfile").write_text(f"web: {line}\n")
    with pytest.raises(SourceError, match="no application here"):
        workers(tmp_path)
