from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from hop3_nix.host import limits
from hop3_nix.host.limits import BuildLimits

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MEASURE = "ulimit -f; ulimit -d; ulimit -u"


def test_nix_watches_time_silence_and_output() -> None:
    options = BuildLimits(timeout=60, silence=0, log_size=1000).nix_options()
    assert options == {"timeout": "60", "max-silent-time": "0", "max-build-log-size": "1000"}


def without_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "_SYSTEMD", tmp_path / "none")


def measured(front: tuple[str, ...]) -> list[str]:
    argv = [*front, "bash", "-c", MEASURE]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()


def test_the_kernel_watches_the_rest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_systemd(monkeypatch, tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    front = BuildLimits(file_size=1 << 20, memory=64 << 20, processes=99).front()
    assert measured(front) == ["1024", str(64 << 10), "99"]


def test_what_else_the_user_runs_is_no_part_of_a_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_systemd(monkeypatch, tmp_path)
    mine = os.getuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine or 1)
    assert int(measured(BuildLimits(processes=7).front())[2]) >= 7


def test_there_are_limits_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_systemd(monkeypatch, tmp_path)
    assert all(int(text) > 0 for text in BuildLimits().nix_options().values())
    assert "unlimited" not in measured(BuildLimits().front())


def test_none_is_set_that_is_not_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_systemd(monkeypatch, tmp_path)
    assert BuildLimits(file_size=0, memory=0, processes=0).front() == ()


def test_a_control_group_where_there_is_systemd(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(limits, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "systemd-run").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    front = BuildLimits(file_size=1, memory=2, processes=3).front()
    assert front[:2] == ("systemd-run", "--scope")
    assert front[-6:] == (
        *("--property=MemoryMax=2", "--property=TasksMax=3", "--"),
        *("prlimit", "--fsize=1", "--"),
    )
