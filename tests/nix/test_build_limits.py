"""A build step that takes what it can is ended by the limits of the build."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from hop3_nix.errors import BuildError
from hop3_nix.host.limits import BuildLimits
from hop3_nix.nix import buildusers
from hop3_nix.nix import commands as nixcli
from hop3_nix.nix.commands import Expression, NixSettings
from hop3_nix.rendering.nixlang import to_nix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIMITS = BuildLimits(timeout=20, silence=15, log_size=1 << 16, file_size=1 << 24)

FORKS = 'n=0; while [ $n -lt 200 ]; do "$b" sleep 3 & n=$((n + 1)); done; wait; echo all >$out'


@pytest.fixture
def run(state: Path, tmp_path: Path) -> Callable[..., str]:
    """Return what builds a shell script by busybox alone, and returns its output."""
    buildusers.ensure(print)
    seed = json.loads((state / "debian" / "lock.json").read_text())["seed"]["path"]

    def call(script: str, limits: BuildLimits) -> str:
        derivation = {
            "name": "limited",
            "system": "x86_64-linux",
            "builder": f"{seed}/bin/busybox",
            "args": ["sh", "-c", script],
            "b": f"{seed}/bin/busybox",
            "nonce": str(tmp_path),
        }
        shell = f"(builtins.storePath {seed})"
        text = f"derivation ({to_nix(derivation)} // {{ shell = {shell}; }})"
        options = {**limits.nix_options(), "substituters": ""}
        settings = NixSettings(options, front=limits.front())
        return nixcli.build(Expression(text), out_link=None, settings=settings).read_text()

    return call


@pytest.mark.parametrize(
    ("script", "limits", "says", "option"),
    [
        ('while :; do echo; "$b" sleep 0.2; done', {"timeout": 2}, "too long", "--timeout"),
        ('"$b" sleep 60', {"silence": 2}, "too long", "--max-silent-time"),
        ('"$b" yes', {}, "printed too much", "--max-log-size"),
        ('"$b" head -c 100000000 /dev/zero', {}, "printed too much", "--max-log-size"),
    ],
)
def test_nix_ends_a_build_that_takes_too_much(
    run: Callable[..., str], script: str, limits: dict[str, int], says: str, option: str
) -> None:
    begin = time.monotonic()
    with pytest.raises(BuildError, match=says) as caught:
        run(script, LIMITS._replace(**limits))
    assert option in caught.value.tip
    assert time.monotonic() - begin < LIMITS.silence


def test_a_file_that_is_too_large_is_not_written(run: Callable[..., str]) -> None:
    with pytest.raises(BuildError):
        run('"$b" truncate -s 100G "$out"', LIMITS)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs builds that have a user of their own")
def test_processes_are_counted(run: Callable[..., str]) -> None:
    with pytest.raises(BuildError):
        run(FORKS, LIMITS._replace(processes=50))
    assert run(FORKS, LIMITS._replace(processes=1000)) == "all\n"


def test_memory_is_counted(run: Callable[..., str]) -> None:
    script = '"$b" dd if=/dev/zero of=/dev/null bs=200M count=1; echo $? >$out'
    assert run(script, LIMITS._replace(memory=64 << 20)) != "0\n"
    assert run(f": ; {script}", LIMITS) == "0\n"
