"""Numbers as filters have them: counts, status classes, durations, sizes, and times."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple


class Range(NamedTuple):
    """The numbers from `low` to `high`, both included."""

    low: float
    high: float


class Notation(NamedTuple):
    """How numbers of one kind are written."""

    read: Callable[[str, float], Range | None]
    """A text and what time it is to the numbers meant; None if it is not one."""
    form: str
    """Says how to write one."""


def _count(text: str, _now: float) -> Range | None:
    return _exactly(float(text)) if re.fullmatch(r"[0-9]{1,15}", text) else None


def _status(text: str, now: float) -> Range | None:
    if re.fullmatch(r"[1-9]xx", text, re.IGNORECASE):
        return Range(int(text[0]) * 100, int(text[0]) * 100 + 99)
    return _count(text, now)


_MICROSECONDS = {"us": 1, "µs": 1, "": 1000, "ms": 1000, "s": 1e6, "m": 6e7, "h": 3.6e9}
_BYTES = {"": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _measured(units: Mapping[str, float]) -> Callable[[str, float], Range | None]:
    def read(text: str, _now: float) -> Range | None:
        number = _with_unit(text, units)
        return None if number is None else _exactly(number)

    return read


def _with_unit(text: str, units: Mapping[str, float]) -> float | None:
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) *([a-zµ]*)", text.lower())
    if found is None or found[2] not in units:
        return None
    return float(found[1]) * units[found[2]]


_MOMENTS = (
    ("%Y-%m-%d", timedelta(days=1)),
    ("%Y-%m-%dT%H:%M", timedelta(minutes=1)),
    ("%Y-%m-%dT%H:%M:%S", timedelta(seconds=1)),
)


def _moment(text: str, now: float) -> Range | None:
    """Seconds since the epoch: local time, of today without a date, or so long ago."""
    if text.startswith("-"):
        ago = _with_unit(text[1:], _SECONDS)
        return None if ago is None else _exactly(now - ago)
    if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?", text):
        text = f"{time.strftime('%Y-%m-%d', time.localtime(now))}T{text}"
    for form, length in _MOMENTS:
        try:
            begin = datetime.strptime(text.replace(" ", "T").upper(), form)
            # To the millisecond, as times are.
            last = begin + length - timedelta(milliseconds=1)
            return Range(begin.timestamp(), last.timestamp())
        except (ValueError, OverflowError, OSError):
            continue
    return None


def _exactly(number: float) -> Range:
    return Range(number, number)


COUNT = Notation(_count, "a whole number, as in `3`")
STATUS = Notation(_status, "a number or a class of them, as in `404` or `5xx`")
DURATION = Notation(_measured(_MICROSECONDS), "a time, as in `100ms`, `1.5s` or `250us`")
SIZE = Notation(_measured(_BYTES), "a number of bytes, as in `100`, `10kb` or `1.5mb`")
MOMENT = Notation(_moment, "a time, as in `14:30`, `2026-01-31T14:30` or `-5m` for 5 minutes ago")
