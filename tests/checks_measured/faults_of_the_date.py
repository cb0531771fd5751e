"""Faults of the letter's own date."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from random import Random

from letters.letter import day_in_words
from tests.checks_measured.calendar_of_england import next_bank_holiday, working_days_later
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
)


def dated(draft: Draft, day: date) -> Fault:
    """Give the letter another date."""
    written = day_in_words(day)
    return Fault(draft.reading_with(date=written), ("date",), written)


def date_before_inspection(draft: Draft, rng: Random) -> Fault:
    first, last = draft.inspected
    months = next(n for n in range(1, 13) if months_earlier(draft.day, n) < last)
    days = [
        months_earlier(draft.day, 12),
        months_earlier(draft.day, months),
        first - timedelta(days=rng.randrange(1, 12)),
    ]
    if first < last:
        days.append(last - timedelta(days=1))
    return dated(draft, rng.choice(days))


def date_not_working_day(draft: Draft, rng: Random) -> Fault:
    weekend = draft.day + timedelta(days=rng.choice((5, 6)) - draft.day.weekday())
    return dated(draft, rng.choice((weekend, weekend, next_bank_holiday(draft.day))))


def deadline_passed(draft: Draft, rng: Random) -> Fault | None:
    late = draft.kind.deadline_working_days + rng.choice((1, 2, 3, 5, 8, 15, 30, 60))
    day = working_days_later(draft.inspected.last, late)
    return dated(draft, day) if day > draft.day else None


def date_missing(draft: Draft, rng: Random) -> Fault:
    return Fault(draft.reading_with(date=""), ("date",), "no date")


def date_unreadable(draft: Draft, rng: Random) -> Fault:
    written = draft.reading.date
    day, month, year = written.split()
    forms = (
        f"{written}{rng.randrange(10)}",
        f"{day} {month}",
        f"{month} {year}",
        f"{day} {misplaced(month)} {year}",
        f"31 {rng.choice(('April', 'June', 'September', 'November'))} {year}",
        f"XX {month} {year}",
        "To be confirmed",
    )
    wrong = rng.choice(forms)
    return Fault(draft.reading_with(date=wrong), ("date",), wrong)


def misplaced(word: str) -> str:
    """Swap two letters in the middle of a word."""
    return word[0] + word[2] + word[1] + word[3:]


def months_earlier(day: date, months: int) -> date:
    """Go back some months, to a day that there is."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


PLANTERS = (
    Planter("date-before-inspection", date_before_inspection),
    Planter("date-not-working-day", date_not_working_day),
    Planter("deadline-passed", deadline_passed),
    Planter("date-missing", date_missing),
    Planter("date-unreadable", date_unreadable),
)
