"""Schedules of cron as systemd's, and whether its own calculator finds the times cron would."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hop3_nix.workers.cron import DAYS, FIELDS, MONTHS, CronError, read_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = datetime(2024, 2, 27, 22, 58, tzinfo=UTC)
SHOWN = 4
"""Times that are compared for each schedule."""

HORIZON = 800
"""Days that are searched for them."""


def calendars_of(schedule: str) -> tuple[str, ...]:
    return read_schedule(schedule).calendars


@pytest.mark.parametrize(
    ("schedule", "calendars"),
    [
        ("* * * * *", ["*-*-* *:*:00"]),
        ("*/15 * * * *", ["*-*-* *:00,15,30,45:00"]),
        ("0 4 * * *", ["*-*-* 04:00:00"]),
        ("5,35 9-17/4 * * *", ["*-*-* 09,13,17:05,35:00"]),
        ("0 0 1 jan *", ["*-01-01 00:00:00"]),
        ("30 4 * * mon-fri", ["Mon,Tue,Wed,Thu,Fri *-*-* 04:30:00"]),
        ("0 0 * * 0", ["Sun *-*-* 00:00:00"]),
        ("0 0 * * 7", ["Sun *-*-* 00:00:00"]),
        ("0 0 * * 5-7", ["Sun,Fri,Sat *-*-* 00:00:00"]),
        ("0 0 * * SAT,sun", ["Sun,Sat *-*-* 00:00:00"]),
        ("50/5 * * * *", ["*-*-* *:50,55:00"]),
        ("0 0 13 * 5", ["*-*-13 00:00:00", "Fri *-*-* 00:00:00"]),
        ("0 0 13 * 0-6", ["*-*-* 00:00:00"]),
        ("0 0 */10 * 5", ["Fri *-*-01,11,21,31 00:00:00"]),
        ("0 0 1-31 * *", ["*-*-* 00:00:00"]),
    ],
)
def test_schedules_become_calendar_events(schedule: str, calendars: list[str]) -> None:
    assert list(calendars_of(schedule)) == calendars


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("", "a schedule has five fields"),
        ("@often", "@often is not a schedule"),
        ("* * * * * *", "6 fields, not 5"),
        ("60 * * * *", "'60' is not a minute"),
        ("* * 0 * *", "'0' is not a day of the month"),
        ("* * * * jan", "'jan' is not a day of the week"),
        ("* * * sun *", "'sun' is not a month"),
        ("5-1 * * * *", "'5-1' is not a minute"),
        ("*/0 * * * *", "'*/0' is not a minute"),
        ("*/60 * * * *", "'*/60' is not a minute"),
        ("1,,2 * * * *", "'' is not a minute"),
        ("1-2-3 * * * *", "'1-2-3' is not a minute"),
        ("*-5 * * * *", "'*-5' is not a minute"),
        ("-1 * * * *", "'-1' is not a minute"),
        ("\u0663 * * * *", "is not a minute"),
        ("99999999999999999999 * * * *", "is not a minute"),
    ],
)
def test_a_schedule_that_cron_would_not_take_is_refused(schedule: str, problem: str) -> None:
    with pytest.raises(CronError, match=re.escape(problem)) as error:
        read_schedule(schedule)
    assert error.value.tip


@st.composite
def field_texts(draw: st.DrawFn, position: int) -> str:
    field = FIELDS[position]
    numbers = st.integers(field.low, field.high)

    def one() -> str:
        first, last = sorted((draw(numbers), draw(numbers)))
        step = draw(st.integers(1, min(20, field.high)))
        named = field.names[first - field.low] if field.names and first < 7 else f"{first:02}"
        choices = [named, str(first), f"{first}-{last}", f"{first}-{last}/{step}", f"*/{step}"]
        return draw(st.sampled_from(choices))

    if draw(st.booleans()):
        return "*"
    return ",".join(one() for _ in range(draw(st.integers(1, 3))))


schedules = st.tuples(*(field_texts(position) for position in range(5))).map(" ".join)


def item_has(item: str, value: int, low: int, high: int, names: tuple[str, ...]) -> bool:
    span, _, step = item.partition("/")
    first, _, last = (str(low), "-", str(high)) if span == "*" else span.partition("-")
    begin = names.index(first) + low if first in names else int(first)
    end = (int(last) if last else begin) if not step or last else high
    return begin <= value <= end and (value - begin) % int(step or 1) == 0


def has(text: str, position: int, value: int) -> bool:
    field = FIELDS[position]
    values = {value, 7} if position == 4 and value == 0 else {value}
    return any(
        item_has(item, v, field.low, field.high, field.names)
        for item in text.split(",")
        for v in values
    )


def cron_times(schedule: str) -> Iterator[datetime]:
    """Yield when cron would run it, as crontab(5) says, by looking at every minute."""
    minute, hour, day, month, weekday = schedule.split()
    hours = [h for h in range(24) if has(hour, 1, h)]
    minutes = [m for m in range(60) if has(minute, 0, m)]
    midnight = BASE.replace(hour=0, minute=0)
    for date in (midnight + timedelta(days=n) for n in range(HORIZON)):
        on_day = has(day, 2, date.day)
        on_weekday = has(weekday, 4, date.isoweekday() % 7)
        either = not day.startswith("*") and not weekday.startswith("*")
        if has(month, 3, date.month) and (
            (on_day or on_weekday) if either else (on_day and on_weekday)
        ):
            for h in hours:
                for m in minutes:
                    if (time := date.replace(hour=h, minute=m)) > BASE:
                        yield time


def systemd_times(calendars: tuple[str, ...]) -> list[datetime]:
    argv = ["systemd-analyze", "calendar", f"--iterations={SHOWN}", "--base-time", f"{BASE:%F %T}"]
    shown = subprocess.run(
        [*argv, *calendars],
        check=True,
        capture_output=True,
        text=True,
        env={"TZ": "UTC", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    ).stdout
    found = re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", shown)
    times = (datetime.strptime(time, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) for time in found)
    return sorted(set(times))[:SHOWN]


@settings(max_examples=150, deadline=None)
@given(schedules)
def test_systemd_finds_the_times_that_cron_would(schedule: str) -> None:
    times = cron_times(schedule)
    expected = [time for time, _ in zip(times, range(SHOWN), strict=False)]
    found = systemd_times(calendars_of(schedule))
    assert [time for time in found if time < BASE + timedelta(days=HORIZON - 1)] == [
        time for time in expected if time < BASE + timedelta(days=HORIZON - 1)
    ]


def test_names_are_in_the_order_of_their_numbers() -> None:
    assert (MONTHS[0], MONTHS[11], DAYS[0], DAYS[6]) == ("jan", "dec", "sun", "sat")
