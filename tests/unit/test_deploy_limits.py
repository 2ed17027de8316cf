"""Limits that are refused before anything is touched, because systemd would only log it."""

from __future__ import annotations

import pytest

from hop3_nix.deploy.services.limits import LIMITS, amount, check_limits
from hop3_nix.errors import ExitCode, InputError
from shop import LIMIT_VALUES


@pytest.mark.parametrize("name", ["MemoryMacs", "ExecStart", "memorymax", "LimitNOFILES"])
def test_what_is_no_limit(name: str) -> None:
    with pytest.raises(InputError, match=f"{name}=1 is no limit that systemd knows") as error:
        check_limits({name: "1"})
    assert "MemoryMax=512M" in error.value.tip
    assert error.value.exit_code == ExitCode.BAD_INPUT


@pytest.mark.parametrize(
    "limit",
    [
        *("MemoryMax=lots", "MemoryMax=0", "MemoryMax=1m", "MemoryMax=101%", "MemoryMax=1\nUser=x"),
        *("MemoryMax=-1", "CPUQuota=50", "CPUQuota=0%", "TasksMax=0", "TasksMax=1K"),
        *("LimitNOFILE=4K", "LimitNOFILE=2:1", "LimitNOFILE=infinity:1", "LimitNOFILE=1:"),
        *("LimitAS=2G:1G", "LimitCPU=1:2:3", "CPUWeight=10001", "Nice=20", "OOMScoreAdjust=1001"),
    ],
)
def test_what_it_cannot_be(limit: str) -> None:
    name, _, value = limit.partition("=")
    with pytest.raises(InputError, match=f"the limit {name} cannot be") as error:
        check_limits({name: value})
    assert "CPUQuota=50%" in error.value.tip


@pytest.mark.parametrize(("name", "values"), LIMIT_VALUES.items())
def test_what_it_can_be(name: str, values: list[str]) -> None:
    assert name in LIMITS
    for value in values:
        check_limits({name: value})


def test_amounts() -> None:
    assert [amount(text) for text in ("7", "1K", "2G", "infinity")] == [
        7,
        1024,
        2**31,
        float("inf"),
    ]
