"""The times of crontab(5) as those of systemd.time(7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hop3_nix.errors import InputError

MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

ITEM: Final = re.compile(
    r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?", re.ASCII
)


@dataclass(frozen=True)
class Field:
    """One of the five fields: what it is called, and what may stand in it."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


FIELDS: Final = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day of the week", 0, 7, DAYS),
)


def calendars_of(schedule: str) -> tuple[str, ...]:
    """Return calendar events (systemd.time(7)) that are together what ``schedule`` means.

    ``schedule`` is the five fields of crontab(5), in the host's time zone. There are two where
    both days are restricted, as cron then goes by either. Raises InputError.
    """
    texts = schedule.split()
    if len(texts) != len(FIELDS):
        raise _wrong(schedule, f"{len(texts)} fields, not {len(FIELDS)}")
    minutes, hours, days, months, weekdays = (
        _values(text, field, schedule) for text, field in zip(texts, FIELDS, strict=True)
    )
    time = f"{_list(hours, FIELDS[1])}:{_list(minutes, FIELDS[0])}:00"
    month = _list(months, FIELDS[3])
    by_date = f"*-{month}-{_list(days, FIELDS[2])} {time}"
    # crontab(5): a field that begins with * does not restrict, even if a step leaves days out.
    either = not texts[2].startswith("*") and not texts[4].startswith("*")
    weekdays = {day % len(DAYS) for day in weekdays}
    if len(weekdays) == len(DAYS):
        return (f"*-{month}-* {time}",) if either else (by_date,)
    names = ",".join(DAYS[day].capitalize() for day in sorted(weekdays))
    if either:
        return (by_date, f"{names} *-{month}-* {time}")
    return (f"{names} {by_date}",)


def _values(text: str, field: Field, schedule: str) -> set[int]:
    values: set[int] = set()
    for item in text.lower().split(","):
        match = ITEM.fullmatch(item)
        if match is None:
            raise _wrong(schedule, f"{item!r} cannot stand for the {field.name}")
        first, last = field.low, field.high
        if not match["all"]:
            first = _value(match["first"], field, schedule)
            if match["last"]:
                last = _value(match["last"], field, schedule)
            elif not match["step"]:
                last = first
        step = int(match["step"] or 1)
        if step == 0 or first > last:
            raise _wrong(schedule, f"{item!r} is never the {field.name}")
        values.update(range(first, last + 1, step))
    return values


def _value(text: str, field: Field, schedule: str) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    if not text.isdecimal() or not field.low <= int(text) <= field.high:
        span = f"{field.low}-{field.high}"
        raise _wrong(schedule, f"{text!r} cannot stand for the {field.name} ({span})")
    return int(text)


def _list(values: set[int], field: Field) -> str:
    if len(values) == field.high - field.low + 1:
        return "*"
    return ",".join(f"{value:02}" for value in sorted(values))


def _wrong(schedule: str, problem: str) -> InputError:
    return InputError(
        f"the schedule {schedule!r} is wrong: {problem}",
        tip="Five fields as in crontab(5): minute, hour, day of the month, month, day of the week; "
        "for example 30 4 * * mon-fri",
    )
