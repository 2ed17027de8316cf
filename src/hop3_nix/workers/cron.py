"""The schedule in front of a cron worker's command, and the times of systemd that it means.

The five fields are those of crontab(5), in the host's time zone; names of days and months, and
nicknames such as @daily, are read and written out as numbers, which every cron knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import time

MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class CronError(ValueError):
    """A schedule that there is not: what is wrong, and what to write."""

    def __init__(self, what: str, tip: str) -> None:
        super().__init__(what)
        self.what = what
        self.tip = tip


class Field(NamedTuple):
    """One of the five fields: what it is called, and what may stand in it."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


# A week begins and ends with Sunday.
FIELDS: Final = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day of the week", 0, 7, DAYS),
)

NICKNAMES: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_ITEM: Final = re.compile(
    r"(?:(?P<all>\*)|(?P<first>[0-9A-Za-z]+)(?:-(?P<last>[0-9A-Za-z]+))?)(?:/(?P<step>[0-9]+))?"
)
_DIGITS: Final = 4
"""More digits than any field has are as good as a number that is too high."""


@dataclass(frozen=True)
class Schedule:
    """When a worker is started: the five fields as numbers, and the same in systemd.time(7)."""

    text: str
    calendars: tuple[str, ...]
    """Calendar events that are together what ``text`` means."""


def split_schedule(text: str) -> tuple[Schedule, str]:
    """Return the schedule that ``text`` begins with, and the command behind it.

    Raises CronError.
    """
    words = text.split(None, 1)
    if words and words[0].startswith("@"):
        fields, rest = _of_nickname(words[0]).split(), words[1:]
    else:
        words = text.split(None, len(FIELDS))
        fields, rest = words[: len(FIELDS)], words[len(FIELDS) :]
    schedule = _schedule(fields)
    if not rest:
        raise _incomplete()
    return schedule, rest[0]


def read_schedule(text: str) -> Schedule:
    """Return the schedule that ``text`` is. Raises CronError."""
    words = text.split()
    if len(words) == 1 and words[0].startswith("@"):
        words = _of_nickname(words[0]).split()
    if len(words) > len(FIELDS):
        raise CronError(f"{len(words)} fields, not {len(FIELDS)}", _FORM)
    return _schedule(words)


def is_due(schedule: str, now: time.struct_time) -> bool:
    """Return whether the minute ``now`` is one of ``schedule``. Raises CronError."""
    words = read_schedule(schedule).text.split()
    values = [
        {value for item in word.split(",") for value in _item(field, item)[1]}
        for field, word in zip(FIELDS, words, strict=True)
    ]
    minutes, hours, days, months, weekdays = values
    if now.tm_min not in minutes or now.tm_hour not in hours or now.tm_mon not in months:
        return False
    by_date = now.tm_mday in days
    by_day = (now.tm_wday + 1) % len(DAYS) in {day % len(DAYS) for day in weekdays}
    either = not words[2].startswith("*") and not words[4].startswith("*")
    return by_date or by_day if either else by_date and by_day


def begins_with_schedule(command: str) -> bool:
    """Say whether five fields stand in front of ``command``, which no program is called like."""
    try:
        split_schedule(command)
    except CronError:
        return False
    return not command.lstrip().startswith("@")


_FORM: Final = (
    "Five fields as in crontab(5): minute, hour, day of the month, month, day of the week; "
    "for example 30 4 * * mon-fri"
)


def _of_nickname(word: str) -> str:
    known = NICKNAMES.get(word.lower())
    if known is None:
        raise CronError(f"{word} is not a schedule", "Write five fields, such as */5 * * * *")
    return known


def _incomplete() -> CronError:
    return CronError(
        "a schedule has five fields, and the command stands behind them",
        "Such as: cron: */5 * * * * python tidy.py",
    )


def _schedule(words: list[str]) -> Schedule:
    texts, values = [], []
    for position, word in enumerate(words):
        field = FIELDS[position]
        items = [_item(field, item) for item in word.lower().split(",")]
        texts.append(",".join(text for text, _ in items))
        values.append({value for _, found in items for value in found})
    if len(words) < len(FIELDS):
        raise _incomplete()
    return Schedule(" ".join(texts), _calendars(texts, values))


def _item(field: Field, item: str) -> tuple[str, range]:
    """Return one item of a field with numbers for names, and the values it stands for."""
    match = _ITEM.fullmatch(item)
    step = _number(match["step"]) if match and match["step"] else 1
    if match is None or not 1 <= step <= field.high:
        raise _wrong(field, item)
    by = f"/{match['step']}" if match["step"] else ""
    if match["all"]:
        return f"*{by}", range(field.low, field.high + 1, step)
    first = _value(field, item, match["first"])
    if match["last"]:
        last = _value(field, item, match["last"])
        # sat-sun ends with Sunday.
        last = field.high if match["last"] == DAYS[0] and first else last
    else:
        last = field.high if by else first
    if first > last:
        raise _wrong(field, item)
    ends = f"-{last}" if match["last"] else ""
    return f"{first}{ends}{by}", range(first, last + 1, step)


def _value(field: Field, item: str, text: str) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    value = _number(text) if text.isdigit() else -1
    if not field.low <= value <= field.high:
        raise _wrong(field, item)
    return value


def _number(digits: str) -> int:
    significant = digits.lstrip("0")
    return int(significant or "0") if len(significant) <= _DIGITS else 10**_DIGITS


def _wrong(field: Field, item: str) -> CronError:
    named = f", a name such as {field.names[0]}" if field.names else ""
    return CronError(
        f"{item!r} is not a {field.name}",
        f"Write *, a number from {field.low} to {field.high}{named}, a range such as "
        f"{field.low}-{field.high}, a step such as */2, or a list of these with commas.",
    )


def _calendars(texts: list[str], values: list[set[int]]) -> tuple[str, ...]:
    """Return the events; two where both days are restricted, as cron then goes by either."""
    minutes, hours, days, months = (
        _list(FIELDS[position], found) for position, found in enumerate(values[:-1])
    )
    weekdays = {day % len(DAYS) for day in values[-1]}
    time = f"{hours}:{minutes}:00"
    by_date = f"*-{months}-{days} {time}"
    # crontab(5): a field that begins with * does not restrict, even if a step leaves days out.
    either = not texts[2].startswith("*") and not texts[4].startswith("*")
    if len(weekdays) == len(DAYS):
        return (f"*-{months}-* {time}",) if either else (by_date,)
    names = ",".join(DAYS[day].capitalize() for day in sorted(weekdays))
    if either:
        return (by_date, f"{names} *-{months}-* {time}")
    return (f"{names} {by_date}",)


def _list(field: Field, values: set[int]) -> str:
    if len(values) == field.high - field.low + 1:
        return "*"
    return ",".join(f"{value:02}" for value in sorted(values))
