"""Resource limits, by their names in systemd, whichever service manager sets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hop3_nix.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

_PERCENT: Final = r"(?:100|[1-9][0-9]?)%"
_SIZE: Final = rf"[1-9][0-9]*[KMGT]?|{_PERCENT}|infinity"
_WEIGHT: Final = r"[1-9][0-9]{0,3}|10000"
_NUMBER: Final = "[0-9]+"
_BYTES: Final = "[0-9]+[KMGT]?"

_PROCESS: Final = {
    **dict.fromkeys(("LimitCPU", "LimitNOFILE", "LimitNPROC"), _NUMBER),
    **dict.fromkeys(("LimitAS", "LimitCORE", "LimitDATA", "LimitFSIZE"), _BYTES),
    **dict.fromkeys(("LimitMEMLOCK", "LimitRSS", "LimitSTACK"), _BYTES),
}
"""Limits of setrlimit(2): one value, or SOFT:HARD."""

LIMITS: Final[Mapping[str, str]] = {
    "CPUQuota": "[1-9][0-9]*%",
    **dict.fromkeys(("CPUWeight", "IOWeight"), _WEIGHT),
    **{
        name: rf"(?:{value}|infinity)(?::(?:{value}|infinity))?" for name, value in _PROCESS.items()
    },
    **dict.fromkeys(("MemoryHigh", "MemoryLow", "MemoryMax", "MemoryMin", "MemorySwapMax"), _SIZE),
    "Nice": r"-?1?[0-9]|-20",
    "OOMScoreAdjust": r"-?(?:1000|[0-9]{1,3})",
    "TasksMax": rf"[1-9][0-9]*|{_PERCENT}|infinity",
}
"""What systemd takes for each: systemd.resource-control(5), systemd.exec(5). Of what it does not
take it says so in its own log, and goes on without the limit."""


def check_limits(limits: Mapping[str, str]) -> None:
    """Raise InputError for a limit that there is not, or that cannot have this value."""
    for name, value in limits.items():
        if name not in LIMITS:
            raise InputError(
                f"{name}={value} is no limit that systemd knows",
                tip=f"A name and a value, as in MemoryMax=512M; the names: {', '.join(LIMITS)}",
            )
        soft, _, hard = value.partition(":")
        if not re.fullmatch(LIMITS[name], value) or (hard and _more(soft, hard)):
            raise InputError(
                f"the limit {name} cannot be {value!r}",
                tip="Examples: MemoryMax=512M, CPUQuota=50%, TasksMax=200, LimitNOFILE=1024:4096",
            )


def amount(text: str) -> float:
    """Return the number that ``text``, a checked limit of setrlimit(2), stands for."""
    if text == "infinity":
        return float("inf")
    digits = text.rstrip("KMGT")
    return int(digits) * UNITS[text[len(digits) :]]


def _more(soft: str, hard: str) -> bool:
    return amount(soft) > amount(hard)
