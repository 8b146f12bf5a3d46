"""Days and dates beyond the years that Python's own dates have: 4713 BC to 5874897.

The proleptic Gregorian calendar, with a year 0. Days count from 2000-01-01, as PostgreSQL's do.
"""

from __future__ import annotations

from functools import lru_cache

Date = tuple[int, int, int]
"""Year, month, day."""

_ERA_YEARS, _ERA_DAYS = 400, 146_097
_FROM_MARCH_0 = 730_425
"""Days from 0000-03-01 to 2000-01-01."""
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@lru_cache(maxsize=4096)
def date_of(days: int) -> Date:
    """The date of a day."""
    era, day_of_era = divmod(days + _FROM_MARCH_0, _ERA_DAYS)
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    month = (5 * day_of_year + 2) // 153  # counted from March
    day = day_of_year - (153 * month + 2) // 5 + 1
    year += era * _ERA_YEARS
    return (year, month + 3, day) if month < 10 else (year + 1, month - 9, day)


def days_of(date: Date) -> int:
    """The day of a date that `is_date`."""
    year, month, day = date
    year -= month <= 2
    era, year_of_era = divmod(year, _ERA_YEARS)
    day_of_year = (153 * ((month - 3) % 12) + 2) // 5 + day - 1
    day_of_era = 365 * year_of_era + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _ERA_DAYS + day_of_era - _FROM_MARCH_0


def is_date(date: Date) -> bool:
    """Whether there is such a date."""
    year, month, day = date
    if not 1 <= month <= 12:
        return False
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _MONTH_LENGTHS[month - 1] + (is_leap and month == 2)
