"""Working days as letters offices count them: Monday to Friday, bank holidays apart.

The bank holidays are those of England and Wales, which keep the same days. What a
deadline is counted from, and how long it is, belongs to the checks and the kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache


def is_working_day(day: date) -> bool:
    """Whether offices in England and Wales work on `day`."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def working_days_after(start: date, end: date) -> int:
    """Count the working days after `start`, up to and including `end`; 0 where there is none."""
    span = range(start.toordinal() + 1, end.toordinal() + 1)
    return sum(is_working_day(date.fromordinal(ordinal)) for ordinal in span)


def nth_working_day_after(start: date, n: int) -> date:
    """Find the `n`th working day after `start`, the first being the one that follows it."""
    if n < 1:
        raise ValueError(f"There is no {n}th day after another; n is 1 or more.")
    day = start
    while n:
        day += timedelta(days=1)
        n -= is_working_day(day)
    return day


@cache
def bank_holidays(year: int) -> Mapping[date, str]:
    """Return a year's bank holidays and what each is called."""
    import holidays  # costs a tenth of a second: only those who count days pay for it

    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year))
