"""The schedule in front of a cron worker's command: the five fields of crontab(5)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from hop3_nix.errors import ConfigError


class _Field(NamedTuple):
    name: str
    first: int
    last: int


# crontab(5): a week begins and ends with Sunday.
_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12),
    _Field("day of the week", 0, 7),
)
_ITEM: Final = re.compile(r"(?:\*|([0-9]+)(?:-([0-9]+))?)(?:/([0-9]+))?")

_NICKNAMES: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def check_schedule(text: str, *, file: str, line: int | None) -> str:
    """Return the command behind the schedule that ``text`` begins with.

    A field is ``*``, a number or a range, each with a step if need be, or a list of these.
    Raises ConfigError.
    """
    words = text.split(None, len(_FIELDS))
    if words and words[0].startswith("@"):
        known = _NICKNAMES.get(words[0].lower())
        raise ConfigError(
            f"{words[0]} is not a schedule that Hop3 knows",
            file=file,
            line=line,
            tip=f"Write {known or 'five fields, such as */5 * * * *'} instead.",
        )
    for field, word in zip(_FIELDS, words, strict=False):
        for item in word.split(","):
            _check_item(field, item, file=file, line=line)
    if len(words) <= len(_FIELDS):
        raise ConfigError(
            "a schedule has five fields, and the command stands behind them",
            file=file,
            line=line,
            tip="Such as: cron: */5 * * * * python tidy.py",
        )
    return words[-1]


def _check_item(field: _Field, item: str, *, file: str, line: int | None) -> None:
    match = _ITEM.fullmatch(item)
    numbers = [int(number) for number in match.groups()[:2] if number] if match else []
    step = match[3] if match else None
    if (
        match is None
        or not all(field.first <= number <= field.last for number in numbers)
        or numbers != sorted(numbers)
        or (step is not None and not 1 <= int(step) <= field.last)
    ):
        raise ConfigError(
            f"{item!r} is not a {field.name}",
            file=file,
            line=line,
            tip=f"Write *, a number from {field.first} to {field.last}, a range such as "
            f"{field.first}-{field.last}, a step such as */2, or a list of these with commas.",
        )
