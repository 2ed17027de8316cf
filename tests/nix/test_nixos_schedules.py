"""The times of crontab(5) in Nix: the same as those of deploy, on expressions of all kinds."""

from __future__ import annotations

import random

from conftest import ROOT
from hop3_nix.deploy.services.calendars import FIELDS, calendars_of
from hop3_nix.errors import InputError
from nixos import nix_json


def schedules() -> list[str]:
    """Return expressions of all kinds, wrong ones too; the same ones every time."""
    choose = random.Random(5)  # noqa: S311 - no secret
    written = [
        *("* * * * *", "*/15 * * * *", "0 4 * * *", "30 4 1 * mon", "0 0 1,15 * 5", "0 0 * * 0,7"),
        *("0 0 */2 * mon", "5/20 * * * *", "0 0 31 dec SAT", "  0   4\t* * *  ", "08 09 1-07 * *"),
        *("* * * * 0-7", "1-5/2,50 * * jan-mar,12 *", "0 0 1 * 1-7", "00 000 * * *"),
        *("", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *"),
        *("* * * * 8", "*/0 * * * *", "5-1 * * * *", "x * * * *", "1,,2 * * * *", "@daily"),
        *("mon * * * *", "1- * * * *", "-1 * * * *", "*-5 * * * *", "1/2/3 * * * *", "* * * é *"),
        *("99999999999999999999 * * * *", "*/99999999999999999999 * * * *", "* * * * mon-sun"),
    ]

    def item(low: int, high: int, names: tuple[str, ...]) -> str:
        first = choose.randint(low, high)
        last = choose.randint(first if choose.random() < 0.9 else low, high)
        name = choose.choice(names) if names and choose.random() < 0.3 else str(first)
        kinds = ["*", name, f"{first}-{last}", f"*/{choose.randint(1, 9)}", f"{first}/7"]
        return choose.choice([*kinds, f"{first}-{last}/{choose.randint(1, 5)}"])

    for _ in range(600):
        fields = [
            ",".join(
                item(field.low, field.high, field.names) for _ in range(choose.choice((1, 1, 1, 3)))
            )
            for field in FIELDS
        ]
        written.append(" ".join(fields))
    return written


def test_schedules_are_those_of_deploy() -> None:
    def expected(schedule: str) -> list[str] | None:
        try:
            return list(calendars_of(schedule))
        except InputError:
            return None

    texts = " ".join('"' + text.replace("\t", "\\t") + '"' for text in schedules())
    came = nix_json(
        f"""map (text:
          let tried = builtins.tryEval (
            builtins.deepSeq (import {ROOT}/nix/nixos/calendars.nix text)
              (import {ROOT}/nix/nixos/calendars.nix text));
          in if tried.success then tried.value else null) [ {texts} ]"""
    )
    differ = {
        text: (found, expected(text))
        for text, found in zip(schedules(), came, strict=True)
        if found != expected(text)
    }
    assert differ == {}
    assert None in came
    assert sum(found is not None for found in came) > 300
