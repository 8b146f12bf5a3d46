"""The `cron_expression` of a cron trigger: when it fires.

Six fields from seconds to days of the week, in UTC, and perhaps a seventh for years:

    second  minute  hour  day-of-month  month  day-of-week  [year]

A moment must match every field; days of the week count from Sunday, 0 or 7.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple


class Field(NamedTuple):
    """One field of an expression."""

    name: str
    expected: str


FIELDS = (
    Field("second", "0 to 59"),
    Field("minute", "0 to 59"),
    Field("hour", "0 to 23"),
    Field("day of the month", "1 to 31, or `L` for the last"),
    Field("month", "1 to 12, or `JAN` to `DEC`"),
    Field("day of the week", "0 to 7, Sunday being 0 or 7, or `SUN` to `SAT`"),
    Field("year", "1970 to 2099"),
)
NICKNAMES = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
EVERY = "* * * * * *"

_ITEM = re.compile(r"[0-9*?,/#L-]|(?<=\d)W|[A-Z]{3}", re.IGNORECASE)
_LAST = re.compile(r"([0-7]|[A-Z]{3})L", re.IGNORECASE)
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_YEARS = 100
"""How far ahead a moment is looked for: a leap day may be on a Monday once in 28 years."""


class ScheduleError(ValueError):
    """A text is no schedule."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        """Where in the text what is wrong begins, in characters."""
        self.end = end


class Schedule:
    """A `cron_expression` that was understood."""

    def __init__(self, text: str) -> None:
        """Raises `ScheduleError`."""
        self.text = text
        plain = NICKNAMES.get(text.strip().lower(), text)
        found = list(re.finditer(r"\S+", plain))
        if not 6 <= len(found) <= 7:
            raise ScheduleError(_wrong_count(text, len(found)), 0, len(text))
        for number, field in enumerate(found):
            if not _is_understood(number, field[0]):
                name, expected = FIELDS[number]
                message = f"`{field[0]}` is no {name}: expected {expected}"
                raise ScheduleError(message, *field.span())
        self._fields = [field[0] for field in found]

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment after another at which it fires; None if it never does again."""
        from croniter import CroniterBadDateError

        try:
            at: datetime = _iterator(self._fields, moment.astimezone(UTC)).get_next(datetime)
        except CroniterBadDateError:
            return None
        return at


def _wrong_count(text: str, count: int) -> str:
    if not count:
        return f"the schedule is empty: it has six fields, {', '.join(_names())}"
    counted = "one field" if count == 1 else f"{count} fields"
    message = f"`{text}` has {counted}, and a schedule has six: {', '.join(_names())}"
    return f"{message}; write `0 {text}` to fire at the first second" if count == 5 else message


def _names() -> list[str]:
    return [name for name, _ in FIELDS[:6]]


def _is_understood(number: int, field: str) -> bool:
    from croniter import CroniterError

    if _ITEM.sub("", field):
        return False
    alone = [*EVERY.split(), "*"]
    alone[number] = field
    try:
        _iterator(alone, datetime(2000, 1, 1, tzinfo=UTC))
    except (CroniterError, ValueError, KeyError, IndexError):
        return False
    return True


def _last(weekday: re.Match[str]) -> str:
    """`5L` and `FRIL`, the month's last Friday, as the library has it: `L5`."""
    day = weekday[1].upper()
    return f"L{_WEEKDAYS.index(day) if day in _WEEKDAYS else day}"


def _iterator(fields: list[str], moment: datetime) -> Any:
    # Imported here, for few applications have schedules.
    from croniter import croniter

    weekday = _LAST.sub(_last, fields[5])
    text = " ".join([*fields[:5], weekday, *fields[6:]])
    return croniter(
        text,
        moment,
        second_at_beginning=True,
        day_or=False,
        max_years_between_matches=_YEARS,
    )
